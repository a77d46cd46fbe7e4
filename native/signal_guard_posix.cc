#if !defined(_WIN32)

#include <dlfcn.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "signal_guard.h"

namespace owin {

namespace {

constexpr auto kInterval = std::chrono::microseconds(200);

struct Guarded {
  int signal;
  struct sigaction nodes;  // as Node set it last
  bool put_back;
};

Guarded guarded[] = {
    {SIGINT, {}, false},
    {SIGTERM, {}, false},
    {SIGQUIT, {}, false},
    {SIGPIPE, {}, false},
};

struct sigaction libuvs = {};

struct sigaction Action(int signal) {
  struct sigaction action;
  sigaction(signal, nullptr, &action);
  return action;
}

bool Same(const struct sigaction& left, const struct sigaction& right) {
  return left.sa_sigaction == right.sa_sigaction;
}

bool IsTheClrs(int signal, const struct sigaction& action) {
  if (action.sa_handler == SIG_IGN) return signal == SIGPIPE;
  Dl_info image;
  if (dladdr(reinterpret_cast<void*>(action.sa_sigaction), &image) == 0)
    return false;
  return std::strstr(image.dli_fname, "libcoreclr.") != nullptr;
}

void Look() {
  for (Guarded& each : guarded) {
    struct sigaction current = Action(each.signal);
    if (Same(current, each.nodes)) continue;
    if (IsTheClrs(each.signal, current)) {
      sigaction(each.signal, &each.nodes, nullptr);
      each.put_back = true;
    } else {
      each.nodes = current;
    }
  }
}

}  // namespace

SignalGuard::SignalGuard() {
  libuvs = Action(SIGCHLD);
  for (Guarded& each : guarded)
    each = {each.signal, Action(each.signal), false};
  watcher_ = std::thread([this] {
    while (!over_) {
      Look();
      std::this_thread::sleep_for(kInterval);
    }
  });
}

SignalGuard::~SignalGuard() {
  over_ = true;
  watcher_.join();
  Look();
}

void RestoreListeners(const std::vector<int>& listened) {
  if (libuvs.sa_handler == SIG_DFL) return;
  for (Guarded& each : guarded) {
    if (!each.put_back || !Same(Action(each.signal), each.nodes)) continue;
    bool listens = std::count(listened.begin(), listened.end(), each.signal);
    if (listens == Same(each.nodes, libuvs)) continue;
    struct sigaction none = {};
    sigaction(each.signal, listens ? &libuvs : &none, nullptr);
  }
}

}  // namespace owin

#endif

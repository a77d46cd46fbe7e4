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

bool IsOf(const char* library, const struct sigaction& action) {
  Dl_info image;
  return dladdr(reinterpret_cast<void*>(action.sa_sigaction), &image) != 0 &&
         std::strstr(image.dli_fname, library) != nullptr;
}

bool IsTheClrs(int signal, const struct sigaction& action) {
  if (action.sa_handler == SIG_IGN) return signal == SIGPIPE;
  return IsOf("libcoreclr.", action);
}

// Of Console.CancelKeyPress and PosixSignalRegistration.
bool IsManaged(const struct sigaction& action) {
  return IsOf("libSystem.Native.", action);
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
    struct sigaction current = Action(each.signal);
    bool listens = std::count(listened.begin(), listened.end(), each.signal);
    bool is_late = each.put_back && Same(current, each.nodes) &&
                   listens != Same(each.nodes, libuvs);
    if (!is_late && !IsManaged(current)) continue;
    struct sigaction none = {};
    sigaction(each.signal, listens ? &libuvs : &none, nullptr);
  }
}

}  // namespace owin

#endif

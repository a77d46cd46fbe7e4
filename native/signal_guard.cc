#include "signal_guard.h"

#if !defined(_WIN32)

#include <dlfcn.h>

#include <chrono>
#include <cstring>

namespace owin {

namespace {

constexpr auto kInterval = std::chrono::microseconds(200);

bool IsTheClrs(int signal, const struct sigaction& action) {
  if (action.sa_handler == SIG_IGN) return signal == SIGPIPE;
  Dl_info image;
  if (dladdr(reinterpret_cast<void*>(action.sa_sigaction), &image) == 0)
    return false;
  return std::strstr(image.dli_fname, "libcoreclr.") != nullptr;
}

}  // namespace

SignalGuard::SignalGuard() {
  for (int i = 0; i < kCount; i++) sigaction(kSignals[i], nullptr, &last_[i]);
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

void SignalGuard::Look() {
  for (int i = 0; i < kCount; i++) {
    struct sigaction current;
    sigaction(kSignals[i], nullptr, &current);
    if (current.sa_sigaction == last_[i].sa_sigaction) continue;
    if (IsTheClrs(kSignals[i], current))
      sigaction(kSignals[i], &last_[i], nullptr);
    else
      last_[i] = current;
  }
}

}  // namespace owin

#endif

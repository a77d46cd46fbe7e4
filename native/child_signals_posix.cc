#if !defined(_WIN32)

#include <dlfcn.h>
#include <signal.h>

#include <cstdlib>

#include "child_signals.h"

namespace owin {

namespace {

constexpr int kUvSignal = 16;  // UV_SIGNAL of uv.h, part of libuv's ABI

template <typename Function>
bool Find(const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *function != nullptr;
}

bool HasForeignHandler() {
  struct sigaction action;
  sigaction(SIGCHLD, nullptr, &action);
  if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
    return false;
  Dl_info handler;
  Dl_info libuv;
  return dladdr(reinterpret_cast<void*>(action.sa_sigaction), &handler) == 0 ||
         dladdr(dlsym(RTLD_DEFAULT, "uv_signal_start"), &libuv) == 0 ||
         handler.dli_fbase != libuv.dli_fbase;
}

// What SIGCHLD says is for others to hear.
void Ignore(void*, int) {}

// A listener of libuv's on a loop that nobody runs: what is written into the
// loop's pipe stays there, and once that is full libuv writes no more. uv.h is
// not used, so that the addon loads where there is no libuv.
bool Listen() {
  size_t (*loop_size)();
  size_t (*handle_size)(int);
  int (*loop_init)(void*);
  int (*signal_init)(void*, void*);
  int (*signal_start)(void*, void (*)(void*, int), int);
  if (!Find("uv_loop_size", &loop_size) ||
      !Find("uv_handle_size", &handle_size) ||
      !Find("uv_loop_init", &loop_init) ||
      !Find("uv_signal_init", &signal_init) ||
      !Find("uv_signal_start", &signal_start) || HasForeignHandler())
    return false;
  // For the life of the process.
  static void* const loop = std::calloc(1, loop_size());
  static void* const handle = std::calloc(1, handle_size(kUvSignal));
  return loop_init(loop) == 0 && signal_init(loop, handle) == 0 &&
         signal_start(handle, Ignore, SIGCHLD) == 0;
}

}  // namespace

bool KeepChildSignals() {
  static const bool kept = Listen();
  return kept;
}

}  // namespace owin

#endif

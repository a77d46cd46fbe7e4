#ifndef OWIN_SIGNAL_GUARD_H_
#define OWIN_SIGNAL_GUARD_H_

#if !defined(_WIN32)
#include <signal.h>

#include <atomic>
#include <thread>
#endif

namespace owin {

// Signals are Node's, but a starting CLR takes some of them and passes none on.
// While the guard lives a thread of its own puts back what libcoreclr replaced,
// within a fraction of a millisecond: JavaScript runs during the start, so what
// has to be put back is what Node set last (`process.on('SIGTERM')`), not what
// was there when the start began.
//
// Left alone: SIGSEGV and its family, which the CLR needs for null references
// and passes on; the handlers of libSystem.Native (Console, Process), which
// come later and call the ones before them.
class SignalGuard {
 public:
#if defined(_WIN32)
  // The CLR's console handler lets others run.
  SignalGuard() {}
  ~SignalGuard() {}
#else
  SignalGuard();
  ~SignalGuard();

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGQUIT, SIGPIPE};
  static constexpr int kCount = sizeof(kSignals) / sizeof(kSignals[0]);

  void Look();

  struct sigaction last_[kCount];  // of Node's
  std::atomic<bool> over_{false};
  std::thread watcher_;
#endif

 public:
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;
};

}  // namespace owin

#endif

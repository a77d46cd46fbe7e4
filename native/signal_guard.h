#ifndef OWIN_SIGNAL_GUARD_H_
#define OWIN_SIGNAL_GUARD_H_

#include <atomic>
#include <thread>
#include <vector>

namespace owin {

// Signals are Node's, but a starting CLR takes some of them and passes none on.
// While the guard lives a thread of its own puts back what libcoreclr replaced,
// within a fraction of a millisecond: JavaScript runs during the start, so what
// has to be put back is what Node set last (`process.on('SIGTERM')`), not what
// was there when the start began. One guard at a time.
//
// Left alone: SIGSEGV and its family, which the CLR needs for null references
// and passes on; the handlers of libSystem.Native (Console, Process), which
// come later and call the ones before them. On Windows there is nothing to do:
// the CLR's console handler lets others run.
class SignalGuard {
 public:
  SignalGuard();
  ~SignalGuard();
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

 private:
  std::atomic<bool> over_{false};
  std::thread watcher_;
};

// Corrects what the guard put back where JavaScript began or ceased to listen
// right before the CLR replaced it, too late for the guard to see; and takes
// back what managed code has replaced since. `listened`:
// the signals that JavaScript listens to now. To be called on Node's main
// thread after the start, and after that of an app. It works where SIGCHLD was listened to when the guard
// began, which shows what libuv's handler is.
void RestoreListeners(const std::vector<int>& listened);

}  // namespace owin

#endif

#ifndef OWIN_CLR_HOST_H_
#define OWIN_CLR_HOST_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "bridge.h"
#include "clr_start.h"

namespace owin {

// Starts the CLR, once per process, on a thread of its own, and keeps the
// outcome. Never destroyed: the CLR cannot be unloaded.
//
// Threads: any.
// Invariants:
//  1. state moves idle → starting → done, and from a failed done back to
//     starting only where no CLR was created and the options are other ones.
//  2. `done` callbacks run outside the lock, each once: on the start thread, or
//     within Start when the outcome is known already.
//  3. A result that was published is never changed and never freed. Attempts
//     are numbered from 0, so that whoever waits for a failed one finds its
//     result also when another has begun meanwhile.
class ClrHost {
 public:
  struct Attempt {
    size_t number;
    bool holds;  // false: it was begun with other options, which hold
  };

  static ClrHost& Get();

  // Begins the start, or joins the one that was begun.
  Attempt Start(const ClrStartOptions& options, const OwinNative* native,
                std::function<void()> done);

  // The outcome of the last attempt, or nullptr while there is none. Valid for
  // ever.
  const ClrStartResult* Result();
  // The same of one attempt.
  const ClrStartResult* Result(size_t attempt);

  // Waits while a start is under way, a few seconds at most. To be called
  // before the process exits: exit() destroys the statics of hostfxr and
  // hostpolicy, and a start that still runs in them would crash.
  void AwaitStart();

 private:
  enum class State { kIdle, kStarting, kDone };

  bool IsSettled(const ClrStartOptions& options) const;
  void Run(const OwinNative* native);

  std::mutex mutex_;
  std::condition_variable settled_;
  State state_ = State::kIdle;
  ClrStartOptions options_;
  std::vector<std::function<void()>> waiting_;
  std::deque<ClrStartResult> results_;  // by the number of the attempt
  std::atomic<const ClrStartResult*> result_{nullptr};  // the last of them
};

// To be called when the addon loads: CLR threads run code of this image, and
// Node unloads an addon when the worker that loaded it ends.
void PinImage();

}  // namespace owin

#endif

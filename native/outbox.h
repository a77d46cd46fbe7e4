#ifndef OWIN_OUTBOX_H_
#define OWIN_OUTBOX_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "bridge.h"

namespace owin {

// Frames from all JavaScript environments that wait for the pump, in order.
// One for the process, never destroyed: the pump waits in it to the end.
//
// Threads: Submit and Close from any environment's thread, Wait from the pump.
// Invariants:
//  1. Submit never waits for the pump: the queue grows. What is in it is
//     bounded by the exchanges in flight, each by its body window.
//  2. The two queues swap under the lock; the pump reads the drained one
//     without it, so no pointer it was given moves until its next Wait.
//  3. The pump is signalled only while it sleeps.
class Outbox {
 public:
  static Outbox& Get();

  // Copies `frames` in; `buffers` stay JavaScript's.
  void Submit(OwinEnvironmentId environment, const uint8_t* frames,
              size_t length, const std::vector<OwinBuffer>& buffers);

  // The environment's last batch.
  void Close(OwinEnvironmentId environment);

  void Wait(OwinBatch* batch);

 private:
  struct Entry {
    OwinEnvironmentId environment;
    size_t length;
    size_t buffers;
    bool closed;
  };
  struct Queue {
    std::vector<Entry> entries;
    std::vector<uint8_t> frames;
    std::vector<OwinBuffer> buffers;
    void Reset();
  };

  Outbox() = default;
  void Signal(std::unique_lock<std::mutex> lock);

  std::mutex mutex_;
  std::condition_variable filled_;
  Queue filling_;
  bool sleeping_ = false;

  // The pump's own.
  Queue draining_;
  size_t entry_ = 0;
  size_t frames_offset_ = 0;
  size_t buffers_offset_ = 0;
};

}  // namespace owin

#endif

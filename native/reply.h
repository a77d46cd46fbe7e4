#ifndef OWIN_REPLY_H_
#define OWIN_REPLY_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace owin {

// The one reply of .NET's that Node's thread may be waiting for.
//
// Threads: Expect and Wait on the environment's own, Deliver on any.
// Invariant: a reply is taken only between the Expect of its number and the end
// of the Wait that follows, so one that comes late is dropped.
class AwaitedReply {
 public:
  // To be called before .NET can know the number.
  void Expect(int32_t number);

  // False: it has not come in that time.
  bool Wait(std::chrono::milliseconds time, std::vector<uint8_t>* reply);

  // False: nobody waits for that number.
  bool Deliver(int32_t number, const uint8_t* bytes, size_t length);

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  bool expected_ = false;
  bool delivered_ = false;
  int32_t number_ = 0;
  std::vector<uint8_t> bytes_;
};

}  // namespace owin

#endif

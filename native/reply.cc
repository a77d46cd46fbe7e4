#include "reply.h"

#include <utility>

namespace owin {

void AwaitedReply::Expect(int32_t number) {
  std::lock_guard<std::mutex> lock(mutex_);
  expected_ = true;
  delivered_ = false;
  number_ = number;
}

bool AwaitedReply::Wait(std::chrono::milliseconds time,
                        std::vector<uint8_t>* reply) {
  std::unique_lock<std::mutex> lock(mutex_);
  came_.wait_for(lock, time, [this] { return delivered_; });
  expected_ = false;
  if (delivered_) *reply = std::move(bytes_);
  return delivered_;
}

bool AwaitedReply::Deliver(int32_t number, const uint8_t* bytes,
                           size_t length) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!expected_ || delivered_ || number != number_) return false;
  bytes_.assign(bytes, bytes + length);
  delivered_ = true;
  came_.notify_one();
  return true;
}

}  // namespace owin

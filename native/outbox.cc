#include "outbox.h"

#include <utility>

namespace owin {

namespace {

// A queue that a burst has grown beyond this is given back afterwards.
constexpr size_t kKeptBytes = 1024 * 1024;

}  // namespace

Outbox& Outbox::Get() {
  static Outbox& outbox = *new Outbox();
  return outbox;
}

void Outbox::Submit(OwinEnvironmentId environment, const uint8_t* frames,
                    size_t length, const std::vector<OwinBuffer>& buffers) {
  std::unique_lock<std::mutex> lock(mutex_);
  filling_.entries.push_back({environment, length, buffers.size(), false});
  filling_.frames.insert(filling_.frames.end(), frames, frames + length);
  filling_.buffers.insert(filling_.buffers.end(), buffers.begin(),
                          buffers.end());
  Signal(std::move(lock));
}

void Outbox::Close(OwinEnvironmentId environment) {
  std::unique_lock<std::mutex> lock(mutex_);
  filling_.entries.push_back({environment, 0, 0, true});
  Signal(std::move(lock));
}

void Outbox::Signal(std::unique_lock<std::mutex> lock) {
  bool wake = sleeping_;
  sleeping_ = false;
  lock.unlock();
  if (wake) filled_.notify_one();
}

void Outbox::Wait(OwinBatch* batch) {
  if (entry_ == draining_.entries.size()) {
    draining_.Reset();
    entry_ = frames_offset_ = buffers_offset_ = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    while (filling_.entries.empty()) {
      sleeping_ = true;
      filled_.wait(lock);
    }
    sleeping_ = false;
    std::swap(filling_, draining_);
  }
  const Entry& entry = draining_.entries[entry_++];
  batch->environment = entry.environment;
  batch->frames = draining_.frames.data() + frames_offset_;
  batch->frames_length = static_cast<int32_t>(entry.length);
  batch->buffers = draining_.buffers.data() + buffers_offset_;
  batch->buffers_count = static_cast<int32_t>(entry.buffers);
  batch->closed = entry.closed ? 1 : 0;
  frames_offset_ += entry.length;
  buffers_offset_ += entry.buffers;
}

void Outbox::Queue::Reset() {
  entries.clear();
  buffers.clear();
  frames.clear();
  if (frames.capacity() > kKeptBytes) frames.shrink_to_fit();
}

}  // namespace owin

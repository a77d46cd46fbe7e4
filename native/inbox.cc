#include "inbox.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "frames.generated.h"

namespace owin {

namespace {

size_t Aligned(size_t length) {
  return (length + OWIN_FRAME_ALIGNMENT - 1) / OWIN_FRAME_ALIGNMENT *
         OWIN_FRAME_ALIGNMENT;
}

void Write(Inbox::Block* block, const uint8_t* head, size_t head_length,
           const uint8_t* payload, size_t payload_length) {
  uint8_t* at = block->bytes.get() + block->length;
  std::memcpy(at, head, head_length);
  if (payload_length != 0) {
    std::memcpy(at + head_length, payload, payload_length);
  }
  block->length += Aligned(head_length + payload_length);
}

}  // namespace

bool Inbox::Append(const uint8_t* head, size_t head_length,
                   const uint8_t* payload, size_t payload_length) {
  return Append(head, head_length, payload, payload_length, true);
}

void Inbox::AppendLater(const uint8_t* head, size_t head_length,
                        const uint8_t* payload, size_t payload_length) {
  Append(head, head_length, payload, payload_length, false);
}

bool Inbox::Append(const uint8_t* head, size_t head_length,
                   const uint8_t* payload, size_t payload_length, bool wake) {
  size_t length = Aligned(head_length + payload_length);
  if (length <= kSmallFrameBytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    Write(&BlockFor(length), head, head_length, payload, payload_length);
    return wake && std::exchange(armed_, false);
  }
  Block block;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    block = NewBlock(length);
  }
  Write(&block, head, head_length, payload, payload_length);
  block.sealed = true;
  std::lock_guard<std::mutex> lock(mutex_);
  blocks_.push_back(std::move(block));
  return wake && std::exchange(armed_, false);
}

bool Inbox::Disarm() {
  std::lock_guard<std::mutex> lock(mutex_);
  return !blocks_.empty() && std::exchange(armed_, false);
}

size_t Inbox::Take(size_t capacity, Block* block) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (blocks_.empty()) {
    armed_ = true;
    return 0;
  }
  size_t length = blocks_.front().length;
  if (length <= capacity) {
    *block = std::move(blocks_.front());
    blocks_.pop_front();
  }
  return length;
}

void Inbox::Recycle(Block block) {
  block.length = 0;
  block.sealed = false;
  std::lock_guard<std::mutex> lock(mutex_);
  if (block.capacity == kBlockBytes && spare_.size() < kSpareBlocks) {
    spare_.push_back(std::move(block));
  }
}

void Inbox::Clear() {
  std::lock_guard<std::mutex> lock(mutex_);
  blocks_.clear();
  spare_.clear();
  armed_ = true;
}

Inbox::Block& Inbox::BlockFor(size_t length) {
  if (blocks_.empty() || blocks_.back().sealed ||
      blocks_.back().capacity - blocks_.back().length < length) {
    blocks_.push_back(NewBlock(length));
  }
  return blocks_.back();
}

Inbox::Block Inbox::NewBlock(size_t length) {
  Block block;
  if (length <= kBlockBytes && !spare_.empty()) {
    block = std::move(spare_.back());
    spare_.pop_back();
  } else {
    block.capacity = std::max(length, kBlockBytes);
    block.bytes.reset(new uint8_t[block.capacity]);
  }
  return block;
}

}  // namespace owin

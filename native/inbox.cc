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

}  // namespace

bool Inbox::Append(const uint8_t* head, size_t head_length,
                   const uint8_t* payload, size_t payload_length) {
  std::lock_guard<std::mutex> lock(mutex_);
  Block& block = BlockFor(Aligned(head_length + payload_length));
  uint8_t* at = block.bytes.get() + block.length;
  std::memcpy(at, head, head_length);
  if (payload_length != 0) std::memcpy(at + head_length, payload, payload_length);
  block.length += Aligned(head_length + payload_length);
  return Disarm();
}

bool Inbox::Append(const uint8_t* head, size_t head_length,
                   OwnedBuffer buffer) {
  std::lock_guard<std::mutex> lock(mutex_);
  Block& block = BlockFor(Aligned(head_length));
  std::memcpy(block.bytes.get() + block.length, head, head_length);
  block.length += Aligned(head_length);
  block.buffers.push_back(std::move(buffer));
  return Disarm();
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
  block.buffers.clear();
  std::lock_guard<std::mutex> lock(mutex_);
  if (block.capacity == kBlockBytes) spare_ = std::move(block);
}

void Inbox::Clear() {
  std::deque<Block> dropped;
  std::lock_guard<std::mutex> lock(mutex_);
  dropped.swap(blocks_);
  spare_ = Block();
  armed_ = true;
}

Inbox::Block& Inbox::BlockFor(size_t length) {
  if (!blocks_.empty()) {
    Block& last = blocks_.back();
    if (last.capacity - last.length >= length) return last;
  }
  Block block;
  if (length <= kBlockBytes && spare_.bytes) {
    block = std::move(spare_);
    spare_ = Block();
  } else {
    block.capacity = std::max(length, kBlockBytes);
    block.bytes.reset(new uint8_t[block.capacity]);
  }
  blocks_.push_back(std::move(block));
  return blocks_.back();
}

bool Inbox::Disarm() {
  bool wake = armed_;
  armed_ = false;
  return wake;
}

}  // namespace owin

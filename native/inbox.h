#ifndef OWIN_INBOX_H_
#define OWIN_INBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace owin {

// A payload too large to travel inside a frame. Owned by whoever holds it.
struct OwnedBuffer {
  std::unique_ptr<uint8_t[]> data;
  size_t length;
};

// Frames from CLR threads that wait for Node's thread, in order.
//
// Threads: Append from any thread, Take from one (Node's). Invariants:
//  1. A frame lies whole in one block; a block's buffers belong to its frames,
//     in order.
//  2. `armed_` is set by a Take that finds nothing and cleared by the next
//     Append, which reports it: each wait of the consumer costs one wake.
//  3. Under the lock nothing but one frame of inline size is copied.
class Inbox {
 public:
  struct Block {
    std::unique_ptr<uint8_t[]> bytes;
    size_t capacity = 0;
    size_t length = 0;
    std::vector<OwnedBuffer> buffers;
  };

  static constexpr size_t kBlockBytes = 64 * 1024;

  // Appends `head`, `payload` and padding as one frame. True: the consumer
  // sleeps and must be woken.
  bool Append(const uint8_t* head, size_t head_length, const uint8_t* payload,
              size_t payload_length);

  // Appends `head` alone, its payload beside it.
  bool Append(const uint8_t* head, size_t head_length, OwnedBuffer buffer);

  // Hands over the oldest block and returns its length. 0: there is none, the
  // next Append wakes. More than `capacity`: too long, nothing was taken.
  size_t Take(size_t capacity, Block* block);

  // Gives a block back for reuse.
  void Recycle(Block block);

  // Drops everything.
  void Clear();

 private:
  Block& BlockFor(size_t length);
  bool Disarm();

  std::mutex mutex_;
  std::deque<Block> blocks_;
  Block spare_;
  bool armed_ = true;
};

}  // namespace owin

#endif

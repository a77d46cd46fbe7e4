#ifndef OWIN_INBOX_H_
#define OWIN_INBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace owin {

// Frames from CLR threads that wait for Node's thread, in order.
//
// Threads: Append from any thread, Take and Recycle from one (Node's).
// Invariants:
//  1. A frame lies whole in one block. A large one has a block of its own.
//  2. `armed_` is set by a Take that finds nothing and cleared by the next
//     Append or Disarm that reports it: each wait of the consumer costs one
//     wake. AppendLater leaves it; its frames wait for whoever clears it.
//  3. Under the lock a small frame is copied at most; a large one is copied
//     before, into a block that is not in the queue yet.
class Inbox {
 public:
  struct Block {
    std::unique_ptr<uint8_t[]> bytes;
    size_t capacity = 0;
    size_t length = 0;
    bool sealed = false;  // nothing is appended any more
  };

  // Larger frames have blocks of their own.
  static constexpr size_t kSmallFrameBytes = 17 * 1024;
  // Holds a body chunk of 64 KB and its head.
  static constexpr size_t kBlockBytes = 64 * 1024 + 64;

  // Appends `head`, `payload` and padding as one frame. True: the consumer
  // sleeps and must be woken.
  bool Append(const uint8_t* head, size_t head_length, const uint8_t* payload,
              size_t payload_length);

  // The same without asking for a wake.
  void AppendLater(const uint8_t* head, size_t head_length,
                   const uint8_t* payload, size_t payload_length);

  // True: there are frames, the consumer sleeps and must be woken.
  bool Disarm();

  // Hands over the oldest block and returns its length. 0: there is none, the
  // next Append wakes. More than `capacity`: too long, nothing was taken.
  size_t Take(size_t capacity, Block* block);

  // Gives a block back for reuse.
  void Recycle(Block block);

  // Drops everything.
  void Clear();

 private:
  static constexpr size_t kSpareBlocks = 8;

  Block NewBlock(size_t length);
  Block& BlockFor(size_t length);
  bool Append(const uint8_t* head, size_t head_length, const uint8_t* payload,
              size_t payload_length, bool wake);

  std::mutex mutex_;
  std::deque<Block> blocks_;
  std::vector<Block> spare_;
  bool armed_ = true;
};

}  // namespace owin

#endif

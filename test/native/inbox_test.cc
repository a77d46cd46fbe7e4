#include "inbox.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "frames.generated.h"

namespace owin {

namespace {

const uint8_t* Bytes(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

bool Append(Inbox* inbox, const std::string& head,
            const std::string& payload = "") {
  return inbox->Append(Bytes(head), head.size(), Bytes(payload),
                       payload.size());
}

std::string Content(const Inbox::Block& block) {
  return {reinterpret_cast<const char*>(block.bytes.get()), block.length};
}

constexpr size_t kAny = SIZE_MAX;

}  // namespace

TEST(Inbox, KeepsFramesWholeAndAligned) {
  Inbox inbox;
  Append(&inbox, "head-one", "abc");
  Append(&inbox, "head-two", "");
  Inbox::Block block;
  ASSERT_EQ(inbox.Take(kAny, &block), 24u);
  EXPECT_EQ(Content(block).substr(0, 11), "head-oneabc");
  EXPECT_EQ(Content(block).substr(16), "head-two");
  EXPECT_EQ(block.length % OWIN_FRAME_ALIGNMENT, 0u);
}

TEST(Inbox, WakesOncePerWaitOfTheConsumer) {
  Inbox inbox;
  EXPECT_TRUE(Append(&inbox, "12345678"));
  EXPECT_FALSE(Append(&inbox, "12345678"));
  Inbox::Block block;
  EXPECT_NE(inbox.Take(kAny, &block), 0u);
  EXPECT_FALSE(Append(&inbox, "12345678"));  // the consumer has not waited yet
  EXPECT_NE(inbox.Take(kAny, &block), 0u);
  EXPECT_EQ(inbox.Take(kAny, &block), 0u);
  EXPECT_TRUE(Append(&inbox, "12345678"));
}

TEST(Inbox, AFrameLargerThanABlockHasOneOfItsOwn) {
  Inbox inbox;
  Append(&inbox, "small---");
  Append(&inbox, "head----", std::string(Inbox::kBlockBytes, 'x'));
  Append(&inbox, "after---");
  Inbox::Block block;
  EXPECT_EQ(inbox.Take(kAny, &block), 8u);
  EXPECT_EQ(inbox.Take(kAny, &block), Inbox::kBlockBytes + 8);
  EXPECT_EQ(inbox.Take(kAny, &block), 8u);
  EXPECT_EQ(Content(block), "after---");
}

TEST(Inbox, TakesNothingThatDoesNotFit) {
  Inbox inbox;
  Append(&inbox, "12345678", "12345678");
  Inbox::Block block;
  EXPECT_EQ(inbox.Take(8, &block), 16u);
  EXPECT_EQ(block.length, 0u);
  EXPECT_EQ(inbox.Take(16, &block), 16u);
  EXPECT_EQ(Content(block), "1234567812345678");
}

TEST(Inbox, NothingIsAppendedToTheBlockOfALargeFrame) {
  Inbox inbox;
  Append(&inbox, "head----", std::string(Inbox::kSmallFrameBytes, 'x'));
  Append(&inbox, "after---");
  Inbox::Block block;
  EXPECT_EQ(inbox.Take(kAny, &block), Inbox::kSmallFrameBytes + 8);
  EXPECT_EQ(inbox.Take(kAny, &block), 8u);
}

TEST(Inbox, ABlockThatWasGivenBackServesAgain) {
  Inbox inbox;
  Append(&inbox, "12345678");
  Inbox::Block block;
  inbox.Take(kAny, &block);
  const uint8_t* bytes = block.bytes.get();
  inbox.Recycle(std::move(block));
  Append(&inbox, "abcdefgh");
  Inbox::Block again;
  ASSERT_EQ(inbox.Take(kAny, &again), 8u);
  EXPECT_EQ(again.bytes.get(), bytes);
  EXPECT_EQ(Content(again), "abcdefgh");
}

TEST(Inbox, ClearDropsEverythingAndWaits) {
  Inbox inbox;
  Append(&inbox, "12345678");
  inbox.Clear();
  Inbox::Block block;
  EXPECT_EQ(inbox.Take(kAny, &block), 0u);
  EXPECT_TRUE(Append(&inbox, "12345678"));
}

TEST(Inbox, KeepsTheOrderOfEachThread) {
  constexpr int kThreads = 4;
  constexpr uint32_t kFrames = 20000;
  struct Frame {
    uint32_t thread;
    uint32_t number;
  };
  Inbox inbox;
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < kThreads; thread++) {
    threads.emplace_back([&inbox, thread] {
      for (uint32_t number = 0; number < kFrames; number++) {
        Frame frame{thread, number};
        inbox.Append(reinterpret_cast<uint8_t*>(&frame), sizeof(frame), nullptr,
                     0);
      }
    });
  }
  uint32_t next[kThreads] = {};
  for (uint32_t seen = 0; seen < kThreads * kFrames;) {
    Inbox::Block block;
    size_t length = inbox.Take(kAny, &block);
    if (length == 0) std::this_thread::yield();
    for (size_t at = 0; at < length; at += sizeof(Frame), seen++) {
      Frame frame;
      std::memcpy(&frame, block.bytes.get() + at, sizeof(frame));
      ASSERT_EQ(frame.number, next[frame.thread]++);
    }
    if (length != 0) inbox.Recycle(std::move(block));
  }
  for (auto& each : threads) each.join();
}

}  // namespace owin

#include "outbox.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace owin {

namespace {

void Submit(OwinEnvironmentId environment, const std::string& frames,
            const std::vector<OwinBuffer>& buffers = {}) {
  Outbox::Get().Submit(environment,
                       reinterpret_cast<const uint8_t*>(frames.data()),
                       frames.size(), buffers);
}

OwinBatch Wait() {
  OwinBatch batch = {};
  Outbox::Get().Wait(&batch);
  return batch;
}

std::string Frames(const OwinBatch& batch) {
  return {reinterpret_cast<const char*>(batch.frames),
          static_cast<size_t>(batch.frames_length)};
}

}  // namespace

TEST(Outbox, HandsOverBatchesInOrder) {
  uint8_t byte = 1;
  uint8_t other = 2;
  Submit(1, "one");
  Submit(2, "two", {{&byte, 1}, {&byte, 0}});
  Submit(1, "three", {{&other, 1}});

  OwinBatch batch = Wait();
  EXPECT_EQ(batch.environment, 1u);
  EXPECT_EQ(Frames(batch), "one");
  EXPECT_EQ(batch.buffers_count, 0);

  batch = Wait();
  EXPECT_EQ(batch.environment, 2u);
  EXPECT_EQ(Frames(batch), "two");
  ASSERT_EQ(batch.buffers_count, 2);
  EXPECT_EQ(batch.buffers[0].data, &byte);
  EXPECT_EQ(batch.buffers[1].length, 0);

  batch = Wait();
  EXPECT_EQ(Frames(batch), "three");
  ASSERT_EQ(batch.buffers_count, 1);
  EXPECT_EQ(batch.buffers[0].data, &other);
  EXPECT_EQ(batch.closed, 0);
}

TEST(Outbox, ABatchStaysValidWhileOthersAreSubmitted) {
  Submit(1, "kept");
  OwinBatch batch = Wait();
  std::string large(100000, 'x');
  for (int i = 0; i < 50; i++) Submit(1, large);
  EXPECT_EQ(Frames(batch), "kept");
  for (int i = 0; i < 50; i++) EXPECT_EQ(Frames(Wait()), large);
}

TEST(Outbox, TheLastBatchOfAnEnvironmentSaysSo) {
  Submit(7, "frame");
  Outbox::Get().Close(7);
  EXPECT_EQ(Wait().closed, 0);
  OwinBatch batch = Wait();
  EXPECT_EQ(batch.environment, 7u);
  EXPECT_EQ(batch.closed, 1);
  EXPECT_EQ(batch.frames_length, 0);
}

TEST(Outbox, WakesAWaitingPumpEachTime) {
  constexpr int kBatches = 20000;
  std::thread pump([] {
    for (int i = 0; i < kBatches; i++)
      ASSERT_EQ(Frames(Wait()), std::to_string(i));
  });
  for (int i = 0; i < kBatches; i++) {
    Submit(1, std::to_string(i));
    if (i % 16 == 0) std::this_thread::yield();
  }
  pump.join();
}

}  // namespace owin

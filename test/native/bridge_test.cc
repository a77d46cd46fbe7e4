// The ABI as .NET uses it, by a CLR that is none: through the table of
// functions that `OwinInitialize` gets, from threads of its own.
#include "bridge.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "environment.h"
#include "fake_node_api.h"
#include "native_table.h"
#include "outbox.h"

namespace owin {

namespace {

const uint8_t* Bytes(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

int32_t Post(OwinEnvironmentId id, const std::string& head,
             const std::string& payload = "") {
  return NativeTable()->post(id, Bytes(head), static_cast<int32_t>(head.size()),
                             Bytes(payload),
                             static_cast<int32_t>(payload.size()));
}

int32_t PostLater(OwinEnvironmentId id, const std::string& head) {
  return NativeTable()->post_later(
      id, Bytes(head), static_cast<int32_t>(head.size()), nullptr, 0);
}

// What JavaScript does when it wakes: takes all there is.
std::string TakeAll(Environment* environment) {
  std::string all;
  Inbox::Block block;
  while (environment->inbox().Take(SIZE_MAX, &block) != 0) {
    all.append(reinterpret_cast<const char*>(block.bytes.get()), block.length);
    environment->inbox().Recycle(std::move(block));
  }
  return all;
}

void Submit(const Environment* environment, const std::string& frames,
            const std::vector<OwinBuffer>& buffers = {}) {
  Outbox::Get().Submit(environment->id(), Bytes(frames), frames.size(),
                       buffers);
}

// Answers every batch with its own frames, each buffer's content after them.
class EchoingClr {
 public:
  explicit EchoingClr(const OwinNative* native)
      : pump_([this, native] { Pump(native); }) {}

  // Ends with the last environment's last batch.
  int Join() {
    pump_.join();
    return batches_;
  }

 private:
  void Pump(const OwinNative* native) {
    OwinBatch batch = {};
    while (native->wait(&batch) == OWIN_OK && batch.closed == 0) {
      batches_++;
      std::string answer(reinterpret_cast<const char*>(batch.frames),
                         static_cast<size_t>(batch.frames_length));
      for (int32_t i = 0; i < batch.buffers_count; i++) {
        const OwinBuffer& buffer = batch.buffers[i];
        std::string content(static_cast<size_t>(buffer.length), '\0');
        native->copy(batch.environment, buffer.data,
                     reinterpret_cast<uint8_t*>(&content[0]),
                     static_cast<int32_t>(buffer.length));
        answer += content;
      }
      Post(batch.environment, answer);
    }
  }

  int batches_ = 0;
  std::thread pump_;
};

class BridgeTest : public ::testing::Test {
 protected:
  Environment* Open() { return Environment::Open(env_.get(), nullptr); }
  void Close() { env_.reset(); }

  std::unique_ptr<napi_env__> env_ = std::make_unique<napi_env__>();
};

}  // namespace

TEST_F(BridgeTest, TheTableSaysHowLargeItIsAndLacksNothing) {
  const OwinNative* native = NativeTable();
  ASSERT_EQ(native->size, sizeof(OwinNative));
  std::vector<void*> functions((sizeof(OwinNative) - sizeof(void*)) /
                               sizeof(void*));
  std::memcpy(functions.data(), &native->wait,
              functions.size() * sizeof(void*));
  for (void* each : functions) EXPECT_NE(each, nullptr);
}

TEST_F(BridgeTest, PostedFramesWakeOnceUntilTheyAreTaken) {
  Environment* environment = Open();
  EXPECT_EQ(Post(environment->id(), "12345678"), OWIN_OK);
  EXPECT_EQ(Post(environment->id(), "abcd", "efgh"), OWIN_OK);
  EXPECT_EQ(env_->Wakes(), 1);
  EXPECT_EQ(TakeAll(environment), "12345678abcdefgh");
  EXPECT_EQ(Post(environment->id(), "again---"), OWIN_OK);
  EXPECT_EQ(env_->Wakes(), 2);
}

TEST_F(BridgeTest, FramesPostedForLaterWakeWhenAsked) {
  Environment* environment = Open();
  EXPECT_EQ(NativeTable()->wake(environment->id()), OWIN_OK);
  EXPECT_EQ(env_->Wakes(), 0);
  EXPECT_EQ(PostLater(environment->id(), "12345678"), OWIN_OK);
  EXPECT_EQ(env_->Wakes(), 0);
  EXPECT_EQ(NativeTable()->wake(environment->id()), OWIN_OK);
  EXPECT_EQ(NativeTable()->wake(environment->id()), OWIN_OK);
  EXPECT_EQ(env_->Wakes(), 1);
  EXPECT_EQ(TakeAll(environment), "12345678");
}

TEST_F(BridgeTest, TheWakeKeepsTheLoopAliveOnlyWhileReferenced) {
  Environment* environment = Open();
  EXPECT_FALSE(env_->KeptAlive());
  environment->Ref(env_.get());
  EXPECT_TRUE(env_->KeptAlive());
  environment->Unref(env_.get());
  EXPECT_FALSE(env_->KeptAlive());
}

TEST_F(BridgeTest, WhatIsClosedSaysSo) {
  Environment* environment = Open();
  OwinEnvironmentId id = environment->id();
  Post(id, "unread--");
  Close();
  uint8_t byte = 0;
  EXPECT_EQ(Post(id, "12345678"), OWIN_CLOSED);
  EXPECT_EQ(PostLater(id, "12345678"), OWIN_CLOSED);
  EXPECT_EQ(NativeTable()->wake(id), OWIN_CLOSED);
  EXPECT_EQ(NativeTable()->copy(id, &byte, &byte, 1), OWIN_CLOSED);
  EXPECT_EQ(NativeTable()->primary(), 0u);
  EXPECT_EQ(Post(0, "12345678"), OWIN_CLOSED);
  EXPECT_EQ(Post(id + 1, "12345678"), OWIN_CLOSED);
}

TEST_F(BridgeTest, TheIdOfAnEarlierUseStaysClosed) {
  OwinEnvironmentId earlier = Open()->id();
  Close();
  env_ = std::make_unique<napi_env__>();
  Environment* environment = Open();
  EXPECT_NE(environment->id(), earlier);
  EXPECT_EQ(Post(earlier, "12345678"), OWIN_CLOSED);
  EXPECT_EQ(env_->Wakes(), 0);
  EXPECT_EQ(TakeAll(environment), "");
}

TEST_F(BridgeTest, ThePrimaryIsTheOldestThatIsOpen) {
  OwinEnvironmentId first = Open()->id();
  napi_env__ other;
  OwinEnvironmentId second = Environment::Open(&other, nullptr)->id();
  EXPECT_EQ(NativeTable()->primary(), first);
  Close();
  EXPECT_EQ(NativeTable()->primary(), second);
  env_ = std::make_unique<napi_env__>();
  Open();
  EXPECT_EQ(NativeTable()->primary(), second);
}

TEST_F(BridgeTest, AClrGetsFramesAndBuffersAndAnswers) {
  Environment* environment = Open();
  EchoingClr clr(NativeTable());
  constexpr int kFrames = 5000;
  const std::string buffered = "buffered";
  std::string expected;
  std::string answers;
  for (int i = 0; i < kFrames; i++) {
    std::string frame = std::to_string(10000000 + i);
    expected += frame + buffered;
    Submit(environment, frame, {{Bytes(buffered), 8}});
    answers += TakeAll(environment);
  }
  while (answers.size() < expected.size()) {
    answers += TakeAll(environment);
    std::this_thread::yield();
  }
  EXPECT_EQ(answers, expected);
  Close();
  EXPECT_EQ(clr.Join(), kFrames);
}

TEST_F(BridgeTest, NobodyReachesAnEnvironmentThatHasEnded) {
  std::atomic<OwinEnvironmentId> id{0};
  std::atomic<bool> over{false};
  std::atomic<int> closed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) {
    threads.emplace_back([&] {
      uint8_t byte = 0;
      while (!over) {
        OwinEnvironmentId current = id;
        NativeTable()->primary();
        NativeTable()->wake(current);
        NativeTable()->copy(current, &byte, &byte, 1);
        if (Post(current, "12345678") == OWIN_CLOSED) closed++;
      }
    });
  }
  for (int cycle = 0; cycle < 100; cycle++) {
    env_ = std::make_unique<napi_env__>();
    Environment* environment = Open();
    id = environment->id();
    while (env_->Wakes() == 0) std::this_thread::yield();
    TakeAll(environment);
  }
  Close();
  int before = closed;
  while (closed == before) std::this_thread::yield();
  over = true;
  for (auto& each : threads) each.join();
}

}  // namespace owin

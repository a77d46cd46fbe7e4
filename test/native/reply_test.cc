#include "reply.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace owin {

namespace {

using std::chrono::milliseconds;

bool Deliver(AwaitedReply* reply, int32_t number, const std::string& text) {
  return reply->Deliver(number, reinterpret_cast<const uint8_t*>(text.data()),
                        text.size());
}

std::string Text(const std::vector<uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST(AwaitedReply, IsTheOneOfItsNumber) {
  AwaitedReply reply;
  std::vector<uint8_t> bytes;
  reply.Expect(7);
  EXPECT_FALSE(Deliver(&reply, 6, "other"));
  std::thread answering([&reply] { EXPECT_TRUE(Deliver(&reply, 7, "seven")); });
  EXPECT_TRUE(reply.Wait(milliseconds(20'000), &bytes));
  EXPECT_EQ(Text(bytes), "seven");
  answering.join();
}

TEST(AwaitedReply, MayComeBeforeTheWait) {
  AwaitedReply reply;
  std::vector<uint8_t> bytes;
  reply.Expect(1);
  EXPECT_TRUE(Deliver(&reply, 1, ""));
  EXPECT_FALSE(Deliver(&reply, 1, "again"));
  EXPECT_TRUE(reply.Wait(milliseconds(0), &bytes));
  EXPECT_EQ(Text(bytes), "");
}

TEST(AwaitedReply, IsDroppedWhenItComesLate) {
  AwaitedReply reply;
  std::vector<uint8_t> bytes;
  EXPECT_FALSE(Deliver(&reply, 0, "unasked"));
  reply.Expect(1);
  EXPECT_FALSE(reply.Wait(milliseconds(1), &bytes));
  EXPECT_FALSE(Deliver(&reply, 1, "late"));
  reply.Expect(2);
  EXPECT_FALSE(Deliver(&reply, 1, "later"));
  EXPECT_FALSE(reply.Wait(milliseconds(1), &bytes));
}

}  // namespace owin

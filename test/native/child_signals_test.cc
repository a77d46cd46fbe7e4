#include "child_signals.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <signal.h>

namespace owin {

namespace {

using Handler = void (*)(int);

Handler Current() {
  struct sigaction action;
  sigaction(SIGCHLD, nullptr, &action);
  return action.sa_handler;
}

void SomebodyElses(int) {}

void LoadLibuv() {
  dlopen(OWIN_FAKES "/libuv" OWIN_SHARED_SUFFIX, RTLD_NOW | RTLD_GLOBAL);
}

}  // namespace

TEST(ChildSignalsTest, AreLeftAloneWithoutLibuv) {
  EXPECT_FALSE(KeepChildSignals());
  EXPECT_EQ(Current(), SIG_DFL);
}

TEST(ChildSignalsTest, HaveLibuvsHandlerFromThenOn) {
  LoadLibuv();
  EXPECT_TRUE(KeepChildSignals());
  Handler libuvs = Current();
  EXPECT_NE(libuvs, SIG_DFL);
  EXPECT_TRUE(KeepChildSignals());
  EXPECT_EQ(Current(), libuvs);
}

TEST(ChildSignalsTest, StaySomebodyElses) {
  LoadLibuv();
  signal(SIGCHLD, SomebodyElses);
  EXPECT_FALSE(KeepChildSignals());
  EXPECT_EQ(Current(), SomebodyElses);
}

}  // namespace owin

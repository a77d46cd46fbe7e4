#include "platform.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

namespace owin {
namespace {

#if defined(__GLIBC__)

// What exit() runs shows by another status.
void RegisterDestructors() {
  std::atexit([] { _exit(9); });
}

TEST(ExitAtOnceFromOtherThreadsTest, AnotherThreadRunsNoDestructors) {
  EXPECT_EXIT(
      {
        RegisterDestructors();
        ExitAtOnceFromOtherThreads();
        std::thread([] { std::exit(7); }).join();
      },
      testing::ExitedWithCode(7), "");
}

TEST(ExitAtOnceFromOtherThreadsTest, TheFirstThreadDoes) {
  EXPECT_EXIT(
      {
        RegisterDestructors();
        ExitAtOnceFromOtherThreads();
        std::exit(7);
      },
      testing::ExitedWithCode(9), "");
}

#endif

}  // namespace
}  // namespace owin

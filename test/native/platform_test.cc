#include "platform.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <thread>

// The process's own, as the library of fake_openssl.c has one.
extern "C" __attribute__((visibility("default"))) int OwinWhoseFunction() {
  return 1;
}

namespace owin {
namespace {

#if defined(__GLIBC__)

const std::string kOpenSsl =
    OWIN_FAKES "/" + std::string("libopenssl" OWIN_SHARED_SUFFIX);

int CallFunction(void* library) {
  return reinterpret_cast<int (*)()>(FindSymbol(library, "OwinCallFunction"))();
}

TEST(OpenLibraryTest, CallsWhatTheProcessExports) {
  std::string error;
  void* library = OpenLibrary(kOpenSsl, &error);
  ASSERT_NE(library, nullptr) << error;
  EXPECT_EQ(CallFunction(library), 1);
}

// See LoadLibraryApart about AddressSanitizer.
#if !defined(__SANITIZE_ADDRESS__)

TEST(LoadLibraryApartTest, CallsItsOwnWhoeverOpensItLater) {
  ASSERT_TRUE(LoadLibraryApart(kOpenSsl.c_str()));
  std::string error;
  void* library = OpenLibrary(kOpenSsl, &error);
  ASSERT_NE(library, nullptr) << error;
  EXPECT_EQ(CallFunction(library), 2);
}

TEST(LoadLibraryApartTest, SaysThatThereIsNone) {
  EXPECT_FALSE(LoadLibraryApart("libnone.so.0"));
}

#endif

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

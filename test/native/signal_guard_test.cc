#include "signal_guard.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

namespace owin {

namespace {

using Handler = void (*)(int);

void Nodes(int) {}
void NodesLater(int) {}
void Libuvs(int) {}

void Set(int signal, Handler handler) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

Handler Current(int signal) {
  struct sigaction action;
  sigaction(signal, nullptr, &action);
  return action.sa_handler;
}

class SignalGuardTest : public ::testing::Test {
 protected:
  SignalGuardTest() {
    void* coreclr =
        dlopen(OWIN_FAKES "/libcoreclr" OWIN_SHARED_SUFFIX, RTLD_NOW);
    take_ = reinterpret_cast<void (*)(int)>(dlsym(coreclr, "TakeSignal"));
  }

  // Until the guard has noticed, which it does while it lives.
  void TakeAndAwait(int signal, Handler expected) {
    take_(signal);
    while (Current(signal) != expected) std::this_thread::yield();
  }

  void (*take_)(int);
};

}  // namespace

TEST_F(SignalGuardTest, PutsBackWhatTheClrReplaced) {
  Set(SIGINT, Nodes);
  Set(SIGTERM, SIG_DFL);
  Set(SIGQUIT, SIG_IGN);
  Set(SIGPIPE, SIG_DFL);
  {
    SignalGuard guard;
    for (int signal : {SIGINT, SIGTERM, SIGQUIT, SIGPIPE}) take_(signal);
  }
  EXPECT_EQ(Current(SIGINT), Nodes);
  EXPECT_EQ(Current(SIGTERM), SIG_DFL);
  EXPECT_EQ(Current(SIGQUIT), SIG_IGN);
  EXPECT_EQ(Current(SIGPIPE), SIG_DFL);
}

TEST_F(SignalGuardTest, PutsBackAtOnce) {
  Set(SIGTERM, Nodes);
  SignalGuard guard;
  TakeAndAwait(SIGTERM, Nodes);
}

TEST_F(SignalGuardTest, LeavesWhatNodeSetMeanwhile) {
  Set(SIGTERM, SIG_DFL);
  {
    SignalGuard guard;
    Set(SIGTERM, Nodes);
  }
  EXPECT_EQ(Current(SIGTERM), Nodes);
}

TEST_F(SignalGuardTest, PutsBackWhatNodeSetMeanwhile) {
  Set(SIGINT, Nodes);
  Set(SIGTERM, SIG_DFL);
  {
    SignalGuard guard;
    Set(SIGINT, NodesLater);
    // Two looks at SIGTERM, so a whole one at SIGINT between them.
    TakeAndAwait(SIGTERM, SIG_DFL);
    TakeAndAwait(SIGTERM, SIG_DFL);
    take_(SIGINT);
  }
  EXPECT_EQ(Current(SIGINT), NodesLater);
}

TEST_F(SignalGuardTest, ListenersThatCameTooLateToBeSeenAreRestored) {
  Set(SIGCHLD, Libuvs);
  Set(SIGINT, Nodes);
  Set(SIGTERM, Nodes);
  Set(SIGQUIT, Libuvs);
  Set(SIGPIPE, Libuvs);
  {
    SignalGuard guard;
    TakeAndAwait(SIGINT, Nodes);
    TakeAndAwait(SIGQUIT, Libuvs);
    TakeAndAwait(SIGPIPE, Libuvs);
  }
  RestoreListeners({SIGINT, SIGTERM, SIGPIPE});
  EXPECT_EQ(Current(SIGINT), Libuvs);    // listened to since
  EXPECT_EQ(Current(SIGTERM), Nodes);    // was not put back
  EXPECT_EQ(Current(SIGQUIT), SIG_DFL);  // not listened to any more
  EXPECT_EQ(Current(SIGPIPE), Libuvs);
}

TEST_F(SignalGuardTest, WithoutLibuvsHandlerNothingIsRestored) {
  Set(SIGCHLD, SIG_DFL);
  Set(SIGINT, Nodes);
  {
    SignalGuard guard;
    take_(SIGINT);
  }
  RestoreListeners({SIGINT});
  EXPECT_EQ(Current(SIGINT), Nodes);
}

TEST_F(SignalGuardTest, LeavesTheSignalsThatTheClrNeeds) {
  take_(SIGSEGV);
  Handler clrs = Current(SIGSEGV);
  Set(SIGSEGV, SIG_DFL);
  {
    SignalGuard guard;
    take_(SIGSEGV);
  }
  EXPECT_EQ(Current(SIGSEGV), clrs);
  Set(SIGSEGV, SIG_DFL);
}

}  // namespace owin

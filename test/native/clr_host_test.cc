#include "clr_host.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <future>
#include <string>
#include <thread>

#include "dotnet_root.h"
#include "errors.generated.h"
#include "temporary_folder.h"

namespace owin {

namespace {

const OwinNative kNative = {};

class ClrHostTest : public ::testing::Test {
 protected:
  ClrHostTest() {
    setenv("FAKE_LOG", folder_.File("log").c_str(), 1);
    SetDeps("10.0.12");
    root_.aspnetcore = {"10.0.12"};
    options_.dotnet_root = root_.Make(folder_);
    options_.bridge_directory = "/app/dist/dotnet";
  }

  static void SetDeps(const std::string& version) {
    setenv("FAKE_DEPS",
           ("/d/shared/Microsoft.AspNetCore.App/" + version +
            "/Microsoft.AspNetCore.App.deps.json;/d/shared/"
            "Microsoft.NETCore.App/" +
            version + "/Microsoft.NETCore.App.deps.json")
               .c_str(),
           1);
  }

  const ClrStartResult& Start() {
    std::promise<void> done;
    ClrHost::Get().Start(options_, &kNative, [&] { done.set_value(); });
    done.get_future().wait();
    return *ClrHost::Get().Result();
  }

  std::string Log() const { return ReadFile(folder_.Path("log")); }
  bool Logged(const std::string& line) const {
    return ("\n" + Log()).find("\n" + line + "\n") != std::string::npos;
  }

  TemporaryFolder folder_;
  DotnetRoot root_;
  ClrStartOptions options_;
};

}  // namespace

TEST_F(ClrHostTest, StartsWithAspNetCoreAndCallsTheBridge) {
  options_.properties = {{"System.GC.Concurrent", "false"}};
  EXPECT_EQ(ClrHost::Get().Result(), nullptr);
  const ClrStartResult& result = Start();
  EXPECT_TRUE(result.ok) << result.error_detail;
  EXPECT_EQ(result.version, "10.0.12");
  EXPECT_EQ(result.path, options_.dotnet_root);
  EXPECT_EQ(result.reason, "option dotnetRoot");
  EXPECT_EQ(result.owner, "owin");
  EXPECT_EQ(result.bridge, "/app/dist/dotnet/net10.0/Owin.Host.dll");
  using Framework = std::pair<std::string, std::string>;
  EXPECT_EQ(result.frameworks,
            (std::vector<Framework>{{"Microsoft.AspNetCore.App", "10.0.12"},
                                    {"Microsoft.NETCore.App", "10.0.12"}}));
  EXPECT_EQ(Log(),
            "initialize Owin.Host.aspnetcore.runtimeconfig.json in dotnet\n"
            "properties\n"
            "set APP_CONTEXT_BASE_DIRECTORY=/app/dist/dotnet/\n"
            "set System.GC.Concurrent=false\n"
            "delegate 7\n"
            "delegate 6\n"
            "load /app/dist/dotnet/net10.0/Owin.Host.dll\n"
            "function Owin.Host.Bridge, Owin.Host Initialize\n"
            "bridge\n"
            "close\n");
}

TEST_F(ClrHostTest, TakesThePlainConfigWhereAspNetCoreIsNotInstalled) {
  options_.dotnet_root = DotnetRoot().Make(folder_, "plain");
  EXPECT_TRUE(Start().ok);
  EXPECT_EQ(Log().find("initialize Owin.Host.runtimeconfig.json in plain\n"),
            0u);
}

TEST_F(ClrHostTest, TakesThePlainConfigWhereAspNetCoreDoesNotFit) {
  setenv("FAKE_REFUSES", "aspnetcore", 1);
  const ClrStartResult& result = Start();
  EXPECT_TRUE(result.ok) << result.error_detail;
  EXPECT_TRUE(Logged("initialize Owin.Host.runtimeconfig.json in dotnet"));
}

TEST_F(ClrHostTest, TakesTheOlderBridgeForOlderRuntimes) {
  SetDeps("9.0.9");
  EXPECT_EQ(Start().bridge, "/app/dist/dotnet/net8.0/Owin.Host.dll");
}

TEST_F(ClrHostTest, JoinsTheClrThatRunsAlready) {
  setenv("FAKE_INITIALIZE", "1", 1);
  options_.properties = {{"System.GC.Concurrent", "false"}};
  const ClrStartResult& result = Start();
  EXPECT_TRUE(result.ok) << result.error_detail;
  EXPECT_EQ(result.owner, "joined");
  EXPECT_EQ(Log().find("set "), std::string::npos);
  EXPECT_TRUE(Logged("properties of the CLR"));
}

TEST_F(ClrHostTest, SaysWhereItLookedAndStartsLaterWithOtherOptions) {
  std::string right = options_.dotnet_root;
  options_.dotnet_root = folder_.Path("nowhere");
  const ClrStartResult& failed = Start();
  EXPECT_FALSE(failed.ok);
  EXPECT_EQ(failed.error_code, ERR_OWIN_RUNTIME_NOT_FOUND);
  EXPECT_NE(failed.error_detail.find("option dotnetRoot: " +
                                     options_.dotnet_root + ": no such folder"),
            std::string::npos)
      << failed.error_detail;

  EXPECT_EQ(&Start(), &failed);  // the same options: the outcome is kept

  options_.dotnet_root = right;
  EXPECT_TRUE(Start().ok);
}

TEST_F(ClrHostTest, GivesTheHostsOwnWords) {
  setenv("FAKE_REFUSES", "runtimeconfig", 1);
  const ClrStartResult& failed = Start();
  EXPECT_EQ(failed.error_code, ERR_OWIN_RUNTIME_START);
  EXPECT_EQ(failed.error_detail,
            "hostfxr_initialize_for_runtime_config failed with 0x80008096, a "
            "framework that is needed is not installed in a fitting version.\n"
            "Used " +
                failed.hostfxr +
                " (option dotnetRoot).\n"
                ".NET says:\n"
                "The frameworks of Owin.Host.runtimeconfig.json\n"
                "were not found.\n"
                "Looked in:\n  option dotnetRoot: " +
                options_.dotnet_root +
                ": chosen\n"
                "Install the framework into that .NET, or choose another: set "
                "DOTNET_ROOT or pass `owin.runtime.start({ dotnetRoot })`.");

  unsetenv("FAKE_REFUSES");
  options_.properties = {{"System.GC.Concurrent", "false"}};
  EXPECT_TRUE(Start().ok);
}

TEST_F(ClrHostTest, AnAttemptKeepsItsResultWhenAnotherHasFollowed) {
  setenv("FAKE_REFUSES", "runtimeconfig", 1);
  ClrHost::Attempt first = ClrHost::Get().Start(options_, &kNative, [] {});
  EXPECT_TRUE(first.holds);
  ClrHost::Get().AwaitStart();
  unsetenv("FAKE_REFUSES");

  options_.properties = {{"System.GC.Concurrent", "false"}};
  ClrHost::Attempt second = ClrHost::Get().Start(options_, &kNative, [] {});
  ASSERT_NE(ClrHost::Get().Result(first.number), nullptr);
  EXPECT_FALSE(ClrHost::Get().Result(first.number)->ok);
  ClrHost::Get().AwaitStart();
  ASSERT_NE(ClrHost::Get().Result(second.number), nullptr);
  EXPECT_TRUE(ClrHost::Get().Result(second.number)->ok);
  EXPECT_EQ(ClrHost::Get().Result(), ClrHost::Get().Result(second.number));
  EXPECT_EQ(ClrHost::Get().Result(second.number + 1), nullptr);
}

TEST_F(ClrHostTest, AFailureAfterTheClrWasCreatedIsFinal) {
  setenv("FAKE_BRIDGE", "2", 1);
  const ClrStartResult& failed = Start();
  EXPECT_EQ(failed.error_code, ERR_OWIN_RUNTIME_START);
  EXPECT_EQ(failed.error_detail.find(
                "Owin.Host.Bridge.Initialize failed with 0x00000002.\n"),
            0u);
  unsetenv("FAKE_BRIDGE");
  options_.properties = {{"System.GC.Concurrent", "false"}};
  EXPECT_EQ(&Start(), &failed);
}

TEST_F(ClrHostTest, AClrThatDoesNotStartIsFinal) {
  setenv("FAKE_CLR", "0x80008089", 1);
  const ClrStartResult& failed = Start();
  EXPECT_EQ(failed.error_code, ERR_OWIN_RUNTIME_START);
  EXPECT_EQ(failed.error_detail.find("Starting the CLR failed with 0x80008089"),
            0u);
  EXPECT_TRUE(failed.clr_created);
}

TEST_F(ClrHostTest, AwaitStartWaitsForTheStartUnderWay) {
  ClrHost::Get().AwaitStart();  // none: returns at once
  ClrHost::Get().Start(options_, &kNative, [] {});
  ClrHost::Get().AwaitStart();
  ASSERT_NE(ClrHost::Get().Result(), nullptr);
  EXPECT_TRUE(ClrHost::Get().Result()->ok);
}

TEST_F(ClrHostTest, ConcurrentStartsShareOne) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; i++)
    threads.emplace_back([this] { EXPECT_TRUE(Start().ok); });
  for (auto& each : threads) each.join();
  std::string log = Log();
  EXPECT_EQ(log.find("bridge\n"), log.rfind("bridge\n"));
}

}  // namespace owin

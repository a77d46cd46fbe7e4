#include "hostfxr_locator.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dotnet_root.h"
#include "library_headers.h"
#include "platform.h"
#include "temporary_folder.h"

namespace owin {

namespace {

#if defined(__x86_64__)
const char kArchVariable[] = "DOTNET_ROOT_X64";
const unsigned kOtherMachine = 183;
const char kOtherOutcome[] = "it is for arm64, this process is x64";
#else
const char kArchVariable[] = "DOTNET_ROOT_ARM64";
const unsigned kOtherMachine = 62;
const char kOtherOutcome[] = "it is for x64, this process is arm64";
#endif

class HostfxrLocator : public ::testing::Test {
 protected:
  HostfxrLocator() {
    unsetenv(kArchVariable);
    unsetenv("DOTNET_ROOT");
    setenv("PATH", folder_.Folder("empty").c_str(), 1);
    setenv("HOME", folder_.Folder("home").c_str(), 1);
  }

  HostfxrLocation Locate(const std::string& option = "") {
    return LocateHostfxr(option, [this](const std::string& path) {
      loaded_.push_back(path);
      return std::string();
    });
  }

  // Its outcome, as "source|path|outcome".
  static std::string At(const HostfxrLocation& location, size_t index) {
    const ProbedPlace& place = location.probed.at(index);
    return place.source + "|" + place.path + "|" + place.outcome;
  }

  TemporaryFolder folder_;
  std::vector<std::string> loaded_;
};

}  // namespace

TEST_F(HostfxrLocator, TheOptionWinsOverEverything) {
  setenv(kArchVariable, DotnetRoot().Make(folder_, "variable").c_str(), 1);
  std::string root = DotnetRoot().Make(folder_, "option");
  HostfxrLocation location = Locate(root);
  EXPECT_EQ(location.root, root);
  EXPECT_EQ(location.hostfxr, root + "/host/fxr/10.0.12/" + kHostfxrFile);
  EXPECT_EQ(location.source, "option dotnetRoot");
  EXPECT_EQ(loaded_, std::vector<std::string>{location.hostfxr});
}

TEST_F(HostfxrLocator, NothingElseIsAskedWhereTheOptionIsWrong) {
  setenv("DOTNET_ROOT", DotnetRoot().Make(folder_).c_str(), 1);
  HostfxrLocation location = Locate(folder_.Path("nowhere"));
  EXPECT_FALSE(location.found());
  ASSERT_EQ(location.probed.size(), 1u);
  EXPECT_EQ(At(location, 0),
            "option dotnetRoot|" + folder_.Path("nowhere") + "|no such folder");
}

TEST_F(HostfxrLocator, ARelativeOptionIsMadeAbsolute) {
  std::string root = DotnetRoot().Make(folder_);
  std::filesystem::current_path(folder_.Path());
  EXPECT_EQ(Locate("dotnet").root, root);
  std::filesystem::current_path("/");
}

TEST_F(HostfxrLocator, TheVariableOfTheArchitectureGoesFirst) {
  std::string root = DotnetRoot().Make(folder_, "mine");
  setenv(kArchVariable, root.c_str(), 1);
  setenv("DOTNET_ROOT", DotnetRoot().Make(folder_, "other").c_str(), 1);
  HostfxrLocation location = Locate();
  EXPECT_EQ(location.root, root);
  EXPECT_EQ(location.source, kArchVariable);
}

TEST_F(HostfxrLocator, PathServesWhereDotnetRootIsWrong) {
  setenv("DOTNET_ROOT", folder_.Folder("wrong").c_str(), 1);
  std::string root = DotnetRoot().Make(folder_, "right");
  folder_.Link("bin/dotnet", root + "/dotnet");
  setenv("PATH", (folder_.Path("empty") + ":" + folder_.Path("bin")).c_str(),
         1);
  HostfxrLocation location = Locate();
  EXPECT_EQ(location.root, root);
  EXPECT_EQ(location.source, "PATH");
  EXPECT_EQ(At(location, 0), std::string(kArchVariable) + "||not set");
  EXPECT_EQ(At(location, 1),
            "DOTNET_ROOT|" + folder_.Path("wrong") + "|no host/fxr folder");
  EXPECT_EQ(At(location, 2), "PATH|" + root + "|chosen");
}

TEST_F(HostfxrLocator, PathIsFollowedBehindAStub) {
  folder_.File("stub/dotnet", "#!/bin/sh");
  std::string root = DotnetRoot().Make(folder_);
  setenv("PATH", (folder_.Path("stub") + ":" + root).c_str(), 1);
  HostfxrLocation location = Locate();
  EXPECT_EQ(location.root, root);
  EXPECT_EQ(At(location, 2),
            "PATH|" + folder_.Path("stub") + "|no host/fxr folder");
}

TEST_F(HostfxrLocator, TakesTheNewestVersion) {
  DotnetRoot root;
  root.hostfxr = {
      "8.0.0-rc.2.1",     "9.0.9",  "10.0.0", "10.0.0-rc.2.25502.107",
      "10.0.0-preview.7", "latest", "v11"};
  HostfxrLocation location = Locate(root.Make(folder_));
  EXPECT_EQ(location.hostfxr,
            location.root + "/host/fxr/10.0.0/" + kHostfxrFile);
}

TEST_F(HostfxrLocator, APreviewServesWhereThereIsNothingElse) {
  DotnetRoot root;
  root.hostfxr = {"11.0.0-preview.2", "11.0.0-preview.10"};
  root.runtimes = {"11.0.0-preview.10"};
  EXPECT_EQ(Locate(root.Make(folder_)).hostfxr,
            folder_.Path("dotnet/host/fxr/11.0.0-preview.10/") + kHostfxrFile);
}

TEST_F(HostfxrLocator, APreviewOfTheOldestVersionIsTooOld) {
  DotnetRoot root;
  root.runtimes = {"8.0.0-rc.2.23479.6"};
  EXPECT_NE(At(Locate(root.Make(folder_)), 0)
                .find("no Microsoft.NETCore.App 8.0 or later (the newest is "
                      "8.0.0-rc.2.23479.6)"),
            std::string::npos);
}

TEST_F(HostfxrLocator, AVersionFolderWithoutTheLibraryIsPassedOver) {
  std::string root = DotnetRoot().Make(folder_);
  folder_.Folder("dotnet/host/fxr/10.0.13");
  EXPECT_EQ(Locate(root).hostfxr, root + "/host/fxr/10.0.12/" + kHostfxrFile);
}

TEST_F(HostfxrLocator, SaysWhatARootLacks) {
  folder_.Folder("folders/host/fxr/latest");
  EXPECT_EQ(At(Locate(folder_.Path("folders")), 0),
            "option dotnetRoot|" + folder_.Path("folders") +
                "|no host/fxr/<version>/" + kHostfxrFile);
  DotnetRoot old;
  old.runtimes = {"3.1.32", "6.0.36"};
  std::string root = old.Make(folder_, "old");
  EXPECT_EQ(
      At(Locate(root), 0),
      "option dotnetRoot|" + root +
          "|no Microsoft.NETCore.App 8.0 or later (the newest is 6.0.36)");
  DotnetRoot bare;
  bare.runtimes = {};
  root = bare.Make(folder_, "bare");
  EXPECT_EQ(At(Locate(root), 0), "option dotnetRoot|" + root +
                                     "|no Microsoft.NETCore.App 8.0 or later");
  EXPECT_TRUE(loaded_.empty());
}

TEST_F(HostfxrLocator, ARootForAnotherArchitectureIsPassedOver) {
  DotnetRoot foreign;
  foreign.library = folder_.File("foreign.so", ElfHeader(kOtherMachine));
  std::string other = foreign.Make(folder_, "foreign");
  std::string root = DotnetRoot().Make(folder_, "own");
  setenv("DOTNET_ROOT", other.c_str(), 1);
  setenv("PATH", root.c_str(), 1);
  HostfxrLocation location = Locate();
  EXPECT_EQ(location.root, root);
  EXPECT_EQ(At(location, 1), "DOTNET_ROOT|" + other + "|" + kOtherOutcome);
}

TEST_F(HostfxrLocator, WhereTheLibraryDoesNotLoadTheSearchGoesOn) {
  setenv("DOTNET_ROOT", DotnetRoot().Make(folder_).c_str(), 1);
  HostfxrLocation location = LocateHostfxr(
      "", [](const std::string&) { return std::string("needs musl"); });
  EXPECT_FALSE(location.found());
  EXPECT_EQ(At(location, 1), "DOTNET_ROOT|" + folder_.Path("dotnet") + "|" +
                                 folder_.Path("dotnet/host/fxr/10.0.12/") +
                                 kHostfxrFile +
                                 " cannot be loaded: needs musl");
}

TEST_F(HostfxrLocator, RecordsEveryPlace) {
  HostfxrLocation location = LocateHostfxr(
      "", [](const std::string&) { return std::string("refused"); });
  std::set<std::string> sources;
  for (const auto& each : location.probed) {
    sources.insert(each.source);
    EXPECT_FALSE(each.outcome.empty());
  }
  EXPECT_EQ(sources, (std::set<std::string>{
                         kArchVariable, "DOTNET_ROOT", "PATH",
                         "registered install location", "well-known folder"}));
  EXPECT_EQ(location.probed.back().path, folder_.Path("home/.dotnet"));
}

TEST_F(HostfxrLocator, FindsTheFolderInHome) {
  std::string root = DotnetRoot().Make(folder_, "home/.dotnet");
  HostfxrLocation location =
      LocateHostfxr("", [&](const std::string& path) -> std::string {
        return path.rfind(root, 0) == 0 ? "" : "refused";
      });
  EXPECT_EQ(location.root, root);
}

}  // namespace owin

#include "hostfxr_locator.h"

#include <nethost.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include "hosting_status.h"
#include "library_architecture.h"
#include "platform.h"
#include "semantic_version.h"

namespace owin {

namespace {

namespace fs = std::filesystem;

std::string Upper(std::string text) {
  for (char& each : text)
    each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  return text;
}

// Empty when a new enough runtime is there.
std::string MissingRuntime(const fs::path& root) {
  auto versions =
      VersionFolders((root / "shared" / "Microsoft.NETCore.App").u8string());
  const SemanticVersion oldest{kOldestRuntime, 0, 0, ""};
  if (!versions.empty() &&
      !(*SemanticVersion::Parse(versions.front()) < oldest))
    return {};
  std::string text = "no Microsoft.NETCore.App " +
                     std::to_string(kOldestRuntime) + ".0 or later";
  return versions.empty() ? text
                          : text + " (the newest is " + versions.front() + ")";
}

// The newest library of hostfxr in `root`, or why there is none.
std::string NewestHostfxr(const fs::path& root, std::string* failure) {
  std::error_code error;
  fs::path folder = root / "host" / "fxr";
  if (!fs::is_directory(root, error)) {
    *failure = "no such folder";
  } else if (!fs::is_directory(folder, error)) {
    *failure = "no host/fxr folder";
  } else {
    for (const std::string& version : VersionFolders(folder.u8string())) {
      fs::path library = folder / fs::u8path(version) / kHostfxrFile;
      if (fs::exists(library, error)) return library.u8string();
    }
    *failure = std::string("no host/fxr/<version>/") + kHostfxrFile;
  }
  return {};
}

class Search {
 public:
  explicit Search(const HostfxrLoader& load) : load_(load) {}

  // Whether the search is over.
  bool Folder(const std::string& source, const std::string& path) {
    fs::path root = fs::u8path(path);
    std::string failure;
    std::string hostfxr = NewestHostfxr(root, &failure);
    if (failure.empty()) failure = Unusable(root, hostfxr);
    Record(source, path, failure.empty() ? "chosen" : failure);
    if (!failure.empty()) return false;
    location_.root = path;
    location_.hostfxr = hostfxr;
    location_.source = source;
    return true;
  }

  bool Variable(const std::string& name) {
    std::string path = EnvironmentVariable(name);
    if (!path.empty()) return Folder(name, path);
    Record(name, "", "not set");
    return false;
  }

  bool Path() {
    std::istringstream path(EnvironmentVariable("PATH"));
    bool seen = false;
    for (std::string each; std::getline(path, each, kPathSeparator);) {
      std::error_code error;
      fs::path file = fs::canonical(fs::u8path(each) / kDotnetFile, error);
      if (error || !fs::is_regular_file(file, error)) continue;
      seen = true;
      if (Folder("PATH", file.parent_path().u8string())) return true;
    }
    if (!seen) Record("PATH", "", std::string("no ") + kDotnetFile + " on it");
    return false;
  }

  bool Nethost() {
    const char* source = "registered install location";
    NativeString buffer(4096, NativeChar());
    size_t length = buffer.size();
    int status = get_hostfxr_path(buffer.data(), &length, nullptr);
    if (status == 0) {
      fs::path version = fs::path(buffer.c_str()).parent_path();
      fs::path root = version.parent_path().parent_path().parent_path();
      return Folder(source, root.u8string());
    }
    Record(source, "", "none (nethost: " + HexStatus(status) + ")");
    return false;
  }

  bool WellKnown() {
    for (const std::string& each : Folders())
      if (Folder("well-known folder", each)) return true;
    return false;
  }

  HostfxrLocation& location() { return location_; }

 private:
  static std::vector<std::string> Folders() {
    std::vector<std::string> folders = DotnetFolders();
    std::string home = EnvironmentVariable(kHomeVariable);
    if (!home.empty())
      folders.push_back((fs::u8path(home) / ".dotnet").u8string());
    return folders;
  }

  // Why the library cannot serve this process; empty when it was loaded.
  std::string Unusable(const fs::path& root, const std::string& hostfxr) const {
    std::string architecture = LibraryArchitecture(hostfxr);
    if (!architecture.empty() && architecture != kArchitecture)
      return "it is for " + architecture + ", this process is " + kArchitecture;
    std::string missing = MissingRuntime(root);
    if (!missing.empty()) return missing;
    std::string failure = load_(hostfxr);
    return failure.empty() ? failure
                           : hostfxr + " cannot be loaded: " + failure;
  }

  void Record(const std::string& source, const std::string& path,
              const std::string& outcome) {
    location_.probed.push_back({source, path, outcome});
  }

  const HostfxrLoader& load_;
  HostfxrLocation location_;
};

}  // namespace

std::vector<std::string> VersionFolders(const std::string& folder) {
  std::vector<std::pair<SemanticVersion, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator each(fs::u8path(folder), error), end;
       !error && each != end; each.increment(error)) {
    std::string name = each->path().filename().u8string();
    auto version = SemanticVersion::Parse(name);
    std::error_code ignored;
    if (version && each->is_directory(ignored))
      found.emplace_back(*version, name);
  }
  std::sort(found.begin(), found.end(),
            [](const auto& left, const auto& right) {
              return right.first < left.first;
            });
  std::vector<std::string> names;
  names.reserve(found.size());
  for (auto& [version, name] : found) names.push_back(std::move(name));
  return names;
}

HostfxrLocation LocateHostfxr(const std::string& dotnet_root,
                              const HostfxrLoader& load) {
  Search search(load);
  if (!dotnet_root.empty()) {
    std::error_code error;
    fs::path absolute = fs::absolute(fs::u8path(dotnet_root), error);
    search.Folder("option dotnetRoot", absolute.u8string());
  } else {
    search.Variable("DOTNET_ROOT_" + Upper(kArchitecture)) ||
        search.Variable("DOTNET_ROOT") || search.Path() || search.Nethost() ||
        search.WellKnown();
  }
  return std::move(search.location());
}

}  // namespace owin

#ifndef OWIN_HOSTFXR_LOCATOR_H_
#define OWIN_HOSTFXR_LOCATOR_H_

#include <functional>
#include <string>
#include <vector>

namespace owin {

// One place where .NET was looked for, and what was there.
struct ProbedPlace {
  std::string source;   // "option dotnetRoot", "DOTNET_ROOT", "PATH", ...
  std::string path;     // as it was looked at; empty when the source gave none
  std::string outcome;  // "not set", "no host/fxr folder", "chosen", ...
};

struct HostfxrLocation {
  std::string root;     // the dotnet root
  std::string hostfxr;  // full path of the library
  std::string source;   // the ProbedPlace::source that gave it
  std::vector<ProbedPlace> probed;
  bool found() const { return !hostfxr.empty(); }
};

// The oldest Microsoft.NETCore.App that serves; also the floor of the
// runtimeconfigs.
constexpr int kOldestRuntime = 8;

// Loads the library at `path`; says why it cannot, or nothing.
using HostfxrLoader = std::function<std::string(const std::string& path)>;

// Finds and loads hostfxr: from `dotnet_root` where given (and nowhere else),
// DOTNET_ROOT_<ARCH>, DOTNET_ROOT, the real path of `dotnet` on PATH, what
// nethost knows (registered install locations), well-known folders. In each it
// takes the newest version by semantic version order. A place without a usable
// runtime is recorded and the next one tried.
HostfxrLocation LocateHostfxr(const std::string& dotnet_root,
                              const HostfxrLoader& load);

// The versions in a folder of version folders, newest first; other names are
// passed over.
std::vector<std::string> VersionFolders(const std::string& folder);

}  // namespace owin

#endif

#ifndef OWIN_HOSTFXR_LOCATOR_H_
#define OWIN_HOSTFXR_LOCATOR_H_

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

// Finds hostfxr: `dotnet_root` where given (and nowhere else), DOTNET_ROOT_<ARCH>,
// DOTNET_ROOT, the real path of `dotnet` on PATH, what nethost knows (registered
// install locations), well-known folders, ~/.dotnet. In each the newest version
// by semantic version order, a release before its previews.
HostfxrLocation LocateHostfxr(const std::string& dotnet_root);

}  // namespace owin

#endif

#ifndef OWIN_CLR_START_H_
#define OWIN_CLR_START_H_

#include <string>
#include <utility>
#include <vector>

#include "bridge.h"
#include "hostfxr_locator.h"

namespace owin {

struct ClrStartOptions {
  std::string dotnet_root;  // empty: search
  // Absolute; holds net*/Owin.Host.dll and the runtimeconfigs.
  std::string bridge_directory;
  // Runtime properties. Without effect where a CLR runs already.
  std::vector<std::pair<std::string, std::string>> properties;

  bool operator==(const ClrStartOptions& other) const;
};

struct ClrStartResult {
  bool ok = false;
  std::string error_code;    // a code of protocol/errors.json when not ok
  std::string error_detail;  // what happened, where it looked, the host's words
  std::string version;       // of Microsoft.NETCore.App, "10.0.12"
  std::string path;          // the dotnet root that was chosen
  std::string hostfxr;       // the library that was loaded
  std::string reason;  // why this root: "DOTNET_ROOT", "option dotnetRoot", ...
  std::string owner;   // "owin", or "joined" when a CLR was running already
  std::string bridge;  // the Owin.Host.dll that was loaded
  std::vector<std::pair<std::string, std::string>> frameworks;  // name, version
  std::vector<ProbedPlace> probed;
  bool clr_created = false;  // a failure is final: a process has one CLR
};

// Finds .NET, starts the CLR and calls the bridge's Initialize, on this thread.
// Signal dispositions of Node's are after it what they were before it.
ClrStartResult StartClr(const ClrStartOptions& options,
                        const OwinNative* native);

}  // namespace owin

#endif

#ifndef OWIN_CLR_HOST_H_
#define OWIN_CLR_HOST_H_

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge.h"
#include "hostfxr_locator.h"

namespace owin {

struct ClrStartOptions {
  std::string dotnet_root;       // empty: search
  std::string bridge_directory;  // holds net*/Owin.Host.dll and the runtimeconfigs
  std::vector<std::pair<std::string, std::string>> properties;
};

struct ClrStartResult {
  bool ok = false;
  std::string error_code;    // a code of protocol/errors.json when not ok
  std::string error_detail;  // what happened, where it looked, the host's words
  std::string version;       // of Microsoft.NETCore.App, "10.0.12"
  std::string path;          // the dotnet root that was chosen
  std::string hostfxr;       // the library that was loaded
  std::string reason;        // why this root: "DOTNET_ROOT", "option dotnetRoot", ...
  std::string owner;         // "owin", or "joined" when a CLR was running already
  std::string bridge;        // the Owin.Host.dll that was loaded
  std::vector<std::pair<std::string, std::string>> frameworks;  // name, version
  std::vector<ProbedPlace> probed;
};

// Starts the CLR, once per process, on a thread of its own, and keeps the
// outcome. Never destroyed: the CLR cannot be unloaded.
//
// Invariants:
//  1. state moves idle → starting → done, and from a failed done back to
//     starting only where no CLR was created (Start after a failure).
//  2. `done` callbacks run on the start thread, each once, outside the lock.
//  3. Signal dispositions of SIGINT, SIGTERM, SIGQUIT, SIGHUP and SIGPIPE are
//     after the start what they were before it: signals are Node's.
class ClrHost {
 public:
  static ClrHost& Get();

  // Begins the start, or joins the one that is under way. `done` is called
  // once, from the start thread, or from within when the outcome is known.
  void Start(const ClrStartOptions& options, const OwinNative* native,
             std::function<void()> done);

  // The outcome, or nullptr while there is none. Valid for ever.
  const ClrStartResult* Result();
};

}  // namespace owin

#endif

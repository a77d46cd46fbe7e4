#include "clr_start.h"

#include <coreclr_delegates.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <sstream>

#include "errors.generated.h"
#include "hostfxr_library.h"
#include "hosting_status.h"
#include "icu.h"
#include "platform.h"
#include "signal_guard.h"

namespace owin {

namespace {

namespace fs = std::filesystem;

constexpr int kNewestBridge = 10;

const char kWithAspNetCore[] = "Owin.Host.aspnetcore.runtimeconfig.json";
const char kPlain[] = "Owin.Host.runtimeconfig.json";

std::string ListPlaces(const std::vector<ProbedPlace>& places) {
  std::string text;
  for (const ProbedPlace& each : places) {
    text += "\n  " + each.source + ": ";
    if (!each.path.empty()) text += each.path + ": ";
    text += each.outcome;
  }
  return text;
}

class Starter {
 public:
  Starter(const ClrStartOptions& options, const OwinNative* native,
          ClrStartResult* result)
      : options_(options), native_(native), result_(*result) {}

  void Run() {
    if (!Locate()) return;
    HostErrors errors(hostfxr_);
    errors_ = &errors;
    if (Initialize()) {
      ReadFrameworks();
      SignalGuard signals;
      ExitAtOnceFromOtherThreads();
      result_.ok = SetProperties() && CreateClr() && CallBridge();
    }
    if (context_ != nullptr) hostfxr_.Close(context_);
  }

 private:
  bool Locate() {
    HostfxrLocation location = LocateHostfxr(
        options_.dotnet_root,
        [this](const std::string& path) { return hostfxr_.Load(path); });
    result_.probed = std::move(location.probed);
    result_.path = location.root;
    result_.hostfxr = location.hostfxr;
    result_.reason = location.source;
    if (location.found()) return true;
    result_.error_code = ERR_OWIN_RUNTIME_NOT_FOUND;
    result_.error_detail = "Looked for .NET " + std::to_string(kOldestRuntime) +
                           ".0 or later for " + kPlatform + "-" +
                           kArchitecture + " in:" + ListPlaces(result_.probed) +
                           "\nInstall it (https://dot.net/download), set "
                           "DOTNET_ROOT to where it is, or pass "
                           "`owin.runtime.start({ dotnetRoot })`.";
    return false;
  }

  // Frameworks cannot be added to a CLR that runs, so ASP.NET Core comes along
  // where it is installed. It may not fit (an interrupted update, a CLR that
  // somebody else started): then the CLR starts without it.
  bool Initialize() {
    int32_t status = -1;
    if (!VersionFolders(Join(result_.path, "shared/Microsoft.AspNetCore.App"))
             .empty())
      status = InitializeWith(kWithAspNetCore);
    if (status < 0) {
      errors_->Take();
      status = InitializeWith(kPlain);
    }
    if (status < 0)
      return Fail("hostfxr_initialize_for_runtime_config", status);
    result_.owner = status == 0 ? "owin" : "joined";
    result_.clr_created = status != 0;
    return true;
  }

  int32_t InitializeWith(const char* runtime_config) {
    return hostfxr_.Initialize(Join(options_.bridge_directory, runtime_config),
                               result_.path, &context_);
  }

  // From the .deps.json files of the frameworks, each of which lies in
  // shared/<name>/<version>/.
  void ReadFrameworks() {
    auto properties = hostfxr_.Properties(Joined() ? nullptr : context_);
    std::istringstream files(properties["APP_CONTEXT_DEPS_FILES"]);
    for (std::string file; std::getline(files, file, ';');) {
      fs::path folder = fs::u8path(file).parent_path();
      std::string name = folder.parent_path().filename().u8string();
      std::string version = folder.filename().u8string();
      if (name.empty() || file.empty()) continue;
      if (name == "Microsoft.NETCore.App") {
        result_.version = version;
        framework_ = folder.u8string();
      }
      result_.frameworks.emplace_back(name, version);
    }
  }

  bool SetProperties() {
    if (Joined()) return true;
    // Empty in a component's CLR, while apps read their files from it.
    if (!SetProperty("APP_CONTEXT_BASE_DIRECTORY",
                     Join(options_.bridge_directory, "")))
      return false;
    return std::all_of(options_.properties.begin(), options_.properties.end(),
                       [this](const auto& each) {
                         return SetProperty(each.first, each.second);
                       });
  }

  bool SetProperty(const std::string& name, const std::string& value) {
    int32_t status = hostfxr_.SetProperty(context_, name, value);
    return status == 0 || Fail("Setting the property " + name, status);
  }

  bool CreateClr() {
    if (!Joined() && IcuIsMissing(framework_, options_.properties))
      return Fail(
          "ICU, the culture data that .NET needs, was not found. Install "
          "libicu "
          "(icu-libs on Alpine), or start with `invariantGlobalization: "
          "true`.");
    // From here on there is a CLR, or what a failed attempt has left of it.
    result_.clr_created = true;
    int32_t status = GetDelegate(hdt_load_assembly, &load_assembly_);
    if (status == 0)
      status = GetDelegate(hdt_get_function_pointer, &get_function_);
    return status == 0 || Fail("Starting the CLR", status);
  }

  bool CallBridge() {
    result_.bridge = Bridge();
    int32_t status =
        load_assembly_(ToNative(result_.bridge).c_str(), nullptr, nullptr);
    if (status != 0) return Fail("Loading " + result_.bridge, status);

    OwinInitialize initialize;
    status = get_function_(ToNative("Owin.Host.Bridge, Owin.Host").c_str(),
                           ToNative("Initialize").c_str(),
                           UNMANAGEDCALLERSONLY_METHOD, nullptr, nullptr,
                           reinterpret_cast<void**>(&initialize));
    if (status != 0)
      return Fail("Finding Owin.Host.Bridge.Initialize in " + result_.bridge,
                  status);

    status = initialize(native_);
    if (status == OWIN_IN_USE) {
      return Fail(
          "Another copy of this package has started .NET in this process and "
          "only one can use it: install it once (`npm ls owin` shows where "
          "the copies are)",
          status);
    }
    return status == OWIN_OK || Fail("Owin.Host.Bridge.Initialize", status);
  }

  template <typename Function>
  int32_t GetDelegate(hostfxr_delegate_type type, Function* function) {
    return hostfxr_.GetDelegate(context_, type,
                                reinterpret_cast<void**>(function));
  }

  std::string Bridge() const {
    bool newest = std::atoi(result_.version.c_str()) >= kNewestBridge;
    return Join(options_.bridge_directory,
                newest ? "net10.0/Owin.Host.dll" : "net8.0/Owin.Host.dll");
  }

  bool Joined() const { return result_.owner == "joined"; }

  bool Fail(const std::string& step, int32_t status) {
    return Fail(step + " failed with " + DescribeStatus(status) + ".",
                RemedyFor(status));
  }

  bool Fail(const std::string& what, const std::string& remedy = "") {
    result_.error_code = ERR_OWIN_RUNTIME_START;
    result_.error_detail =
        what + "\nUsed " + result_.hostfxr + " (" + result_.reason + ").";
    std::string words = errors_->Take();
    if (!words.empty()) result_.error_detail += "\n.NET says:\n" + words;
    result_.error_detail += "\nLooked in:" + ListPlaces(result_.probed);
    if (!remedy.empty()) result_.error_detail += '\n' + remedy;
    return false;
  }

  static std::string Join(const std::string& folder, const char* name) {
    return (fs::u8path(folder) / name).make_preferred().u8string();
  }

  const ClrStartOptions& options_;
  const OwinNative* native_;
  ClrStartResult& result_;
  HostfxrLibrary hostfxr_;
  hostfxr_handle context_ = nullptr;
  HostErrors* errors_ = nullptr;
  std::string framework_;  // the folder of Microsoft.NETCore.App
  load_assembly_fn load_assembly_ = nullptr;
  get_function_pointer_fn get_function_ = nullptr;
};

}  // namespace

bool ClrStartOptions::operator==(const ClrStartOptions& other) const {
  return dotnet_root == other.dotnet_root &&
         bridge_directory == other.bridge_directory &&
         properties == other.properties;
}

ClrStartResult StartClr(const ClrStartOptions& options,
                        const OwinNative* native) {
  ClrStartResult result;
  try {
    Starter(options, native, &result).Run();
  } catch (const std::exception& error) {
    result.ok = false;
    result.error_code = ERR_OWIN_RUNTIME_START;
    result.error_detail = error.what();
  }
  return result;
}

}  // namespace owin

#include "hosting_status.h"

#include <cstdio>

namespace owin {

namespace {

struct Meaning {
  uint32_t status;
  const char* text;
  const char* remedy = nullptr;
};

const char kRepair[] =
    "Repair that installation of .NET, or choose another: set DOTNET_ROOT or "
    "pass `owin.runtime.start({ dotnetRoot })`.";
const char kInstallFramework[] =
    "Install the framework into that .NET, or choose another: set DOTNET_ROOT "
    "or pass `owin.runtime.start({ dotnetRoot })`.";
const char kInstallLibraries[] =
    "Install the libraries that .NET needs: "
    "https://learn.microsoft.com/dotnet/core/install";
const char kReinstallPackage[] =
    "It is a file of this package: install the package again.";

// dotnet/runtime: docs/design/features/host-error-codes.md
constexpr Meaning kMeanings[] = {
    {0x80008081, "an argument was refused"},
    {0x80008082,
     "a library of .NET could not be loaded, often because one that it needs "
     "is missing (libstdc++, the C runtime)",
     kInstallLibraries},
    {0x80008083, "a library of .NET is missing: the installation is damaged",
     kRepair},
    {0x80008084,
     "a library of .NET lacks an entry point: the installation is "
     "damaged or too old",
     kRepair},
    {0x80008085, "the folder of the .NET installation could not be determined",
     kRepair},
    {0x80008087, "libcoreclr is missing: the installation is damaged", kRepair},
    {0x80008088,
     "libcoreclr could not be loaded, often because a library that "
     "it needs is missing",
     kInstallLibraries},
    {0x80008089,
     "the runtime itself failed to initialize and wrote why to stderr"},
    {0x8000808B, "a .deps.json of a framework is missing or invalid", kRepair},
    {0x8000808C, "a file that a .deps.json names is missing", kRepair},
    {0x8000808E,
     "hostfxr and hostpolicy do not fit together: the installation "
     "is damaged",
     kRepair},
    {0x80008092, "hostpolicy refused its arguments"},
    {0x80008093, "the runtimeconfig.json is missing or invalid",
     kReinstallPackage},
    {0x80008096,
     "a framework that is needed is not installed in a fitting "
     "version",
     kInstallFramework},
    {0x80008098, "a buffer was too small"},
    {0x8000809C, "the frameworks installed do not fit together", kRepair},
    {0x800080A1, "a runtime property was set that .NET sets itself"},
    {0x800080A2, "this version of .NET lacks what is needed"},
    {0x800080A3, "the host is in another state than expected"},
    {0x800080A4, "a runtime property is missing"},
    {0x800080A5,
     "a CLR that runs already in this process lacks a framework "
     "that is needed, or has it in another version"},
    {0x800080A6,
     "this is not supported by the CLR that runs already in this "
     "process"},
    {0x800080A7, "a feature of .NET was disabled by configuration"},
    {0x80070002, "a file was not found"},
    {0x80070005, "access was denied"},
    {0x80070008, "there was not enough memory"},
    {0x8007000B, "a file is not an assembly that this runtime can load"},
    {0x8007000E, "there was not enough memory"},
    {0x80131513, "the method is missing"},
    {0x80131522, "the type is missing"},
    {0x80131534, "a static constructor threw"},
    {0x80131621, "an assembly was found but could not be loaded"},
};

const Meaning* Find(int32_t status) {
  for (const Meaning& each : kMeanings)
    if (each.status == static_cast<uint32_t>(status)) return &each;
  return nullptr;
}

}  // namespace

std::string HexStatus(int32_t status) {
  char hex[16];
  std::snprintf(hex, sizeof(hex), "0x%08x", static_cast<uint32_t>(status));
  return hex;
}

std::string DescribeStatus(int32_t status) {
  const Meaning* meaning = Find(status);
  return HexStatus(status) +
         (meaning == nullptr ? "" : std::string(", ") + meaning->text);
}

std::string RemedyFor(int32_t status) {
  const Meaning* meaning = Find(status);
  return meaning == nullptr || meaning->remedy == nullptr ? ""
                                                          : meaning->remedy;
}

}  // namespace owin

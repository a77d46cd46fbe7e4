#include "icu.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>

#include "platform.h"

namespace owin {

namespace {

using Properties = std::vector<std::pair<std::string, std::string>>;

// The environment's value goes before the property's, as in .NET.
std::string Setting(const Properties& properties, const char* property,
                    const char* variable) {
  std::string value = EnvironmentVariable(variable);
  if (!value.empty()) return value;
  auto found = std::find_if(
      properties.begin(), properties.end(),
      [property](const auto& each) { return each.first == property; });
  return found == properties.end() ? std::string() : found->second;
}

bool NeedsIcu(const Properties& properties) {
  std::string invariant = Setting(properties, "System.Globalization.Invariant",
                                  "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT");
  std::string own = Setting(properties, "System.Globalization.AppLocalIcu",
                            "DOTNET_SYSTEM_GLOBALIZATION_APPLOCALICU");
  return invariant != "1" && invariant != "true" && invariant != "True" &&
         own.empty();
}

}  // namespace

// Asks the library and the function that .NET itself asks a moment later.
bool IcuIsMissing(const std::string& framework, const Properties& properties) {
  if (!kIcuIsSeparate || !NeedsIcu(properties)) return false;
  auto path =
      std::filesystem::u8path(framework) / "libSystem.Globalization.Native.so";
  std::string error;
  void* library = OpenLibrary(path.u8string(), &error);
  if (library == nullptr) return false;
  auto load = reinterpret_cast<int32_t (*)()>(
      FindSymbol(library, "GlobalizationNative_LoadICU"));
  return load != nullptr && load() == 0;
}

}  // namespace owin

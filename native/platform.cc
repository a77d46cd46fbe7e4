#include "platform.h"

#include <filesystem>

namespace owin {

NativeString ToNative(const std::string& utf8) {
  return std::filesystem::u8path(utf8).native();
}

std::string ToUtf8(const NativeChar* text) {
  return std::filesystem::path(text).u8string();
}

#if defined(__x86_64__) || defined(_M_X64)
const char kArchitecture[] = "x64";
#elif defined(__aarch64__) || defined(_M_ARM64)
const char kArchitecture[] = "arm64";
#else
#error "owin is built for x64 and arm64"
#endif

}  // namespace owin

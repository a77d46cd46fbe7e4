#if defined(_WIN32)

#include <process.h>
#include <windows.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "platform.h"

namespace owin {

const char kPlatform[] = "win32";
const char kHostfxrFile[] = "hostfxr.dll";
const char kDotnetFile[] = "dotnet.exe";
const char kPathSeparator = ';';
const char kHomeVariable[] = "USERPROFILE";
const bool kIcuIsSeparate = false;

std::vector<std::string> DotnetFolders() {
  std::string programs = EnvironmentVariable("ProgramFiles");
  return {programs + "\\dotnet", programs + "\\dotnet\\" + kArchitecture,
          EnvironmentVariable("LOCALAPPDATA") + "\\Microsoft\\dotnet"};
}

std::string EnvironmentVariable(const std::string& name) {
  const wchar_t* value = _wgetenv(ToNative(name).c_str());
  return value == nullptr ? std::string() : ToUtf8(value);
}

void* OpenLibrary(const std::string& path, std::string* error) {
  HMODULE library = LoadLibraryExW(
      ToNative(path).c_str(), nullptr,
      LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
  if (library == nullptr)
    *error = "LoadLibrary: error " + std::to_string(GetLastError());
  return library;
}

void* FindSymbol(void* library, const char* name) {
  return reinterpret_cast<void*>(
      GetProcAddress(static_cast<HMODULE>(library), name));
}

bool LoadLibraryApart(const char*) { return false; }

void PinImageOf(const void* address) {
  HMODULE module;
  GetModuleHandleExW(
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
      static_cast<const wchar_t*>(address), &module);
}

bool LowerThreadPriority() {
  return SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL) !=
         0;
}

void ExitAtOnceFromOtherThreads() {}

namespace {

unsigned __stdcall RunThread(void* argument) {
  std::unique_ptr<std::function<void()>> body(
      static_cast<std::function<void()>*>(argument));
  (*body)();
  return 0;
}

}  // namespace

bool StartThread(size_t stack_bytes, std::function<void()> body) {
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  uintptr_t thread =
      _beginthreadex(nullptr, static_cast<unsigned>(stack_bytes), RunThread,
                     owned.get(), STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  if (thread == 0) return false;
  static_cast<void>(owned.release());  // the thread's now
  CloseHandle(reinterpret_cast<HANDLE>(thread));
  return true;
}

}  // namespace owin

#endif

#ifndef OWIN_PLATFORM_H_
#define OWIN_PLATFORM_H_

#include <functional>
#include <string>
#include <vector>

// What operating systems disagree about. Text is UTF-8 on this side.
namespace owin {

// What .NET's hosting API takes: UTF-16 on Windows, UTF-8 elsewhere.
#if defined(_WIN32)
using NativeChar = wchar_t;
#else
using NativeChar = char;
#endif
using NativeString = std::basic_string<NativeChar>;

NativeString ToNative(const std::string& utf8);
std::string ToUtf8(const NativeChar* text);

extern const char kPlatform[];      // as Node's process.platform
extern const char kArchitecture[];  // as Node's process.arch
extern const char kHostfxrFile[];   // "libhostfxr.so"
extern const char kDotnetFile[];    // "dotnet"
extern const char kPathSeparator;   // between the folders of PATH
extern const char kHomeVariable[];  // names the user's folder

// Where installers put .NET for all users, "/usr/share/dotnet".
std::vector<std::string> DotnetFolders();

// Whether the culture data of .NET is a library that may be missing; it is part
// of the system elsewhere.
extern const bool kIcuIsSeparate;

// Empty when it is not set.
std::string EnvironmentVariable(const std::string& name);

// Loads a library for ever; nullptr and the loader's words when it cannot.
void* OpenLibrary(const std::string& path, std::string* error);
void* FindSymbol(void* library, const char* name);

// Loads a library for ever, so that it and what is loaded with it find symbols
// in each other before those of the process. False: there is no such library,
// or the system cannot: glibc alone needs it and can. Windows and macOS find
// symbols by library, musl has no such mode.
bool LoadLibraryApart(const char* path);

// Keeps the image that holds `address` loaded for ever.
void PinImageOf(const void* address);

// Lowers the calling thread's priority, for good. False: it cannot be done.
bool LowerThreadPriority();

// From now on exit() on any thread but the process's first ends it at once: the
// destructors of Node's statics would run beside the threads that use them.
// Where there is no on_exit (musl, macOS) they do; Windows ends other threads
// first.
void ExitAtOnceFromOtherThreads();

// Runs `body` on a new, detached thread. False when there can be none.
bool StartThread(size_t stack_bytes, std::function<void()> body);

}  // namespace owin

#endif

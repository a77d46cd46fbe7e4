#if !defined(_WIN32)

#include <dlfcn.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "platform.h"

namespace owin {

#if defined(__APPLE__)

const char kPlatform[] = "darwin";
const char kHostfxrFile[] = "libhostfxr.dylib";
const bool kIcuIsSeparate = false;

std::vector<std::string> DotnetFolders() {
  return {"/usr/local/share/dotnet",
          std::string("/usr/local/share/dotnet/") + kArchitecture,
          "/opt/homebrew/opt/dotnet/libexec", "/usr/local/opt/dotnet/libexec"};
}

#else

const char kPlatform[] = "linux";
const char kHostfxrFile[] = "libhostfxr.so";
const bool kIcuIsSeparate = true;

std::vector<std::string> DotnetFolders() {
  return {"/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet",
          "/usr/local/share/dotnet", "/opt/dotnet"};
}

#endif

const char kDotnetFile[] = "dotnet";
const char kPathSeparator = ':';
const char kHomeVariable[] = "HOME";

std::string EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

void* OpenLibrary(const std::string& path, std::string* error) {
  void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) *error = dlerror();
  return library;
}

void* FindSymbol(void* library, const char* name) {
  return dlsym(library, name);
}

bool LoadLibraryApart(const char* path) {
// AddressSanitizer refuses to go on in a process that does this.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  return dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND) != nullptr;
#else
  static_cast<void>(path);
  return false;
#endif
}

void PinImageOf(const void* address) {
  Dl_info info;
  if (dladdr(address, &info) == 0) return;
  dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

bool LowerThreadPriority() {
#if defined(__APPLE__)
  return pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0) == 0;
#else
  // Linux has a niceness for each thread; 0 is the calling one. At 10 it gets a
  // tenth of what a thread with ordinary priority gets beside it.
  return setpriority(PRIO_PROCESS, 0, 10) == 0;
#endif
}

void ExitAtOnceFromOtherThreads() {
#if defined(__GLIBC__)
  static const int kFailed = on_exit(
      [](int status, void*) {
        if (gettid() != getpid()) _exit(status);
      },
      nullptr);
  static_cast<void>(kFailed);
#endif
}

namespace {

void* RunThread(void* argument) {
  std::unique_ptr<std::function<void()>> body(
      static_cast<std::function<void()>*>(argument));
  (*body)();
  return nullptr;
}

}  // namespace

bool StartThread(size_t stack_bytes, std::function<void()> body) {
  auto owned = std::make_unique<std::function<void()>>(std::move(body));
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  int failed = pthread_create(&thread, &attributes, RunThread, owned.get());
  pthread_attr_destroy(&attributes);
  if (failed != 0) return false;
  static_cast<void>(owned.release());  // the thread's now
  return true;
}

}  // namespace owin

#endif

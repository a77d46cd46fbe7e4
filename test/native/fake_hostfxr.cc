// A hostfxr without .NET. The environment says what it does:
//   FAKE_LOG         a file that gets a line for each call
//   FAKE_REFUSES     refuses runtimeconfigs of this name with "framework
//   missing" FAKE_INITIALIZE  what hostfxr_initialize_for_runtime_config
//   returns else FAKE_DEPS        the property APP_CONTEXT_DEPS_FILES FAKE_CLR
//   what starting the CLR returns FAKE_BRIDGE      what
//   Owin.Host.Bridge.Initialize returns
#include <coreclr_delegates.h>
#include <hostfxr.h>

#include <cstdlib>
#include <fstream>
#include <string>

#define FAKE_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

hostfxr_error_writer_fn error_writer = nullptr;

std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int32_t Status(const char* name) {
  return static_cast<int32_t>(std::strtoul(Setting(name).c_str(), nullptr, 0));
}

void Log(const std::string& line) {
  std::ofstream(Setting("FAKE_LOG"), std::ios::app) << line << '\n';
}

std::string FileName(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

int LoadAssembly(const char* path, void*, void*) {
  Log(std::string("load ") + path);
  return 0;
}

int32_t Initialize(const void*) {
  Log("bridge");
  return Status("FAKE_BRIDGE");
}

int GetFunction(const char* type, const char* method, const char* delegate,
                void*, void*, void** function) {
  Log(std::string("function ") + type + " " + method);
  *function = reinterpret_cast<void*>(&Initialize);
  return delegate == UNMANAGEDCALLERSONLY_METHOD ? 0 : -1;
}

}  // namespace

FAKE_EXPORT hostfxr_error_writer_fn
hostfxr_set_error_writer(hostfxr_error_writer_fn writer) {
  hostfxr_error_writer_fn previous = error_writer;
  error_writer = writer;
  return previous;
}

FAKE_EXPORT int32_t hostfxr_initialize_for_runtime_config(
    const char* config, const hostfxr_initialize_parameters* parameters,
    hostfxr_handle* context) {
  std::string name = FileName(config);
  Log("initialize " + name + " in " + FileName(parameters->dotnet_root));
  *context = nullptr;
  if (name.find(Setting("FAKE_REFUSES")) != std::string::npos &&
      !Setting("FAKE_REFUSES").empty()) {
    error_writer(("The frameworks of " + name).c_str());
    error_writer("were not found.");
    return static_cast<int32_t>(0x80008096);
  }
  *context = &error_writer;
  return Status("FAKE_INITIALIZE");
}

FAKE_EXPORT int32_t hostfxr_set_runtime_property_value(hostfxr_handle,
                                                       const char* name,
                                                       const char* value) {
  Log(std::string("set ") + name + "=" + value);
  return 0;
}

FAKE_EXPORT int32_t hostfxr_get_runtime_properties(hostfxr_handle context,
                                                   size_t* count,
                                                   const char** names,
                                                   const char** values) {
  static const std::string deps = Setting("FAKE_DEPS");
  size_t room = *count;
  *count = 1;
  if (room < 1) return static_cast<int32_t>(0x80008098);
  Log(context == nullptr ? "properties of the CLR" : "properties");
  names[0] = "APP_CONTEXT_DEPS_FILES";
  values[0] = deps.c_str();
  return 0;
}

FAKE_EXPORT int32_t hostfxr_get_runtime_delegate(hostfxr_handle,
                                                 hostfxr_delegate_type type,
                                                 void** function) {
  Log("delegate " + std::to_string(type));
  *function = type == hdt_load_assembly ? reinterpret_cast<void*>(&LoadAssembly)
                                        : reinterpret_cast<void*>(&GetFunction);
  return Status("FAKE_CLR");
}

FAKE_EXPORT int32_t hostfxr_close(hostfxr_handle) {
  Log("close");
  return 0;
}

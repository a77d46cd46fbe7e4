#include "hostfxr_library.h"

#include <utility>
#include <vector>

#include "platform.h"

namespace owin {

namespace {

thread_local std::string* current_text = nullptr;

template <typename Function>
bool Find(void* library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(FindSymbol(library, name));
  return *function != nullptr;
}

}  // namespace

std::string HostfxrLibrary::Load(const std::string& path) {
  std::string error;
  void* library = OpenLibrary(path, &error);
  if (library == nullptr) return error;
  if (Find(library, "hostfxr_set_error_writer", &set_error_writer_) &&
      Find(library, "hostfxr_initialize_for_runtime_config", &initialize_) &&
      Find(library, "hostfxr_set_runtime_property_value", &set_property_) &&
      Find(library, "hostfxr_get_runtime_properties", &get_properties_) &&
      Find(library, "hostfxr_get_runtime_delegate", &get_delegate_) &&
      Find(library, "hostfxr_close", &close_))
    return {};
  return "it lacks functions of .NET 8";
}

int32_t HostfxrLibrary::Initialize(const std::string& runtime_config,
                                   const std::string& dotnet_root,
                                   hostfxr_handle* context) {
  NativeString root = ToNative(dotnet_root);
  hostfxr_initialize_parameters parameters = {sizeof(parameters), nullptr,
                                              root.c_str()};
  return initialize_(ToNative(runtime_config).c_str(), &parameters, context);
}

int32_t HostfxrLibrary::SetProperty(hostfxr_handle context,
                                    const std::string& name,
                                    const std::string& value) {
  return set_property_(context, ToNative(name).c_str(),
                       ToNative(value).c_str());
}

std::map<std::string, std::string> HostfxrLibrary::Properties(
    hostfxr_handle context) {
  size_t count = 0;
  get_properties_(context, &count, nullptr, nullptr);
  std::vector<const char_t*> names(count);
  std::vector<const char_t*> values(count);
  std::map<std::string, std::string> properties;
  if (get_properties_(context, &count, names.data(), values.data()) != 0)
    return properties;
  for (size_t i = 0; i < count; i++)
    properties[ToUtf8(names[i])] = ToUtf8(values[i]);
  return properties;
}

int32_t HostfxrLibrary::GetDelegate(hostfxr_handle context,
                                    hostfxr_delegate_type type,
                                    void** function) {
  return get_delegate_(context, type, function);
}

void HostfxrLibrary::Close(hostfxr_handle context) { close_(context); }

HostErrors::HostErrors(const HostfxrLibrary& hostfxr)
    : hostfxr_(hostfxr), previous_(hostfxr.set_error_writer_(Write)) {
  current_text = &text_;
}

HostErrors::~HostErrors() {
  hostfxr_.set_error_writer_(previous_);
  current_text = nullptr;
}

std::string HostErrors::Take() { return std::exchange(text_, {}); }

void HOSTFXR_CALLTYPE HostErrors::Write(const char_t* message) {
  if (current_text == nullptr) return;
  if (!current_text->empty()) current_text->push_back('\n');
  current_text->append(ToUtf8(message));
}

}  // namespace owin

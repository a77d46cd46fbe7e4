#ifndef OWIN_HOSTFXR_LIBRARY_H_
#define OWIN_HOSTFXR_LIBRARY_H_

#include <hostfxr.h>

#include <map>
#include <string>

namespace owin {

// The functions of hostfxr that are used here, loaded once and never closed.
// Strings are UTF-8; statuses are hostfxr's own, negative for a failure.
class HostfxrLibrary {
 public:
  // Says why it cannot be loaded, or nothing.
  std::string Load(const std::string& path);

  int32_t Initialize(const std::string& runtime_config,
                     const std::string& dotnet_root, hostfxr_handle* context);
  int32_t SetProperty(hostfxr_handle context, const std::string& name,
                      const std::string& value);
  // Of the CLR that runs when `context` is null.
  std::map<std::string, std::string> Properties(hostfxr_handle context);
  int32_t GetDelegate(hostfxr_handle context, hostfxr_delegate_type type,
                      void** function);
  void Close(hostfxr_handle context);

 private:
  friend class HostErrors;

  hostfxr_set_error_writer_fn set_error_writer_ = nullptr;
  hostfxr_initialize_for_runtime_config_fn initialize_ = nullptr;
  hostfxr_set_runtime_property_value_fn set_property_ = nullptr;
  hostfxr_get_runtime_properties_fn get_properties_ = nullptr;
  hostfxr_get_runtime_delegate_fn get_delegate_ = nullptr;
  hostfxr_close_fn close_ = nullptr;
};

// Collects what the host writes about its failures on this thread, which would
// else go to stderr, while it lives.
class HostErrors {
 public:
  explicit HostErrors(const HostfxrLibrary& hostfxr);
  ~HostErrors();
  HostErrors(const HostErrors&) = delete;
  HostErrors& operator=(const HostErrors&) = delete;

  std::string Take();

 private:
  static void HOSTFXR_CALLTYPE Write(const char_t* message);

  const HostfxrLibrary& hostfxr_;
  hostfxr_error_writer_fn previous_;
  std::string text_;
};

}  // namespace owin

#endif

#include "fake_node_api.h"

napi_status napi_create_string_utf8(napi_env, const char*, size_t,
                                    napi_value* result) {
  *result = nullptr;
  return napi_ok;
}

napi_status napi_get_undefined(napi_env, napi_value* result) {
  *result = nullptr;
  return napi_ok;
}

napi_status napi_call_function(napi_env, napi_value, napi_value, size_t,
                               const napi_value*, napi_value*) {
  return napi_ok;
}

napi_status napi_create_threadsafe_function(napi_env env, napi_value,
                                            napi_value, napi_value, size_t,
                                            size_t, void*, napi_finalize, void*,
                                            napi_threadsafe_function_call_js,
                                            napi_threadsafe_function* result) {
  env->functions.push_back(std::make_unique<napi_threadsafe_function__>());
  *result = env->functions.back().get();
  return napi_ok;
}

napi_status napi_call_threadsafe_function(napi_threadsafe_function function,
                                          void*,
                                          napi_threadsafe_function_call_mode) {
  function->calls++;
  return napi_ok;
}

napi_status napi_ref_threadsafe_function(napi_env,
                                         napi_threadsafe_function function) {
  function->referenced = true;
  return napi_ok;
}

napi_status napi_unref_threadsafe_function(napi_env,
                                           napi_threadsafe_function function) {
  function->referenced = false;
  return napi_ok;
}

napi_status napi_add_env_cleanup_hook(node_api_basic_env env,
                                      napi_cleanup_hook hook, void* data) {
  const_cast<napi_env>(env)->hooks.emplace_back(hook, data);
  return napi_ok;
}

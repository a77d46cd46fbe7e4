#ifndef OWIN_TEST_FAKE_NODE_API_H_
#define OWIN_TEST_FAKE_NODE_API_H_

#include <node_api.h>

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

struct napi_threadsafe_function__ {
  std::atomic<int> calls{0};
  std::atomic<bool> referenced{true};
};

// A JavaScript environment without JavaScript: as much of Node-API as
// native/environment.cc needs. When it ends it calls its cleanup hooks, last
// added first, then frees its threadsafe functions, as Node does: whoever
// touches one later is caught by a sanitizer.
struct napi_env__ {
  ~napi_env__() {
    for (auto each = hooks.rbegin(); each != hooks.rend(); ++each)
      each->first(each->second);
  }

  // How often the event loop was asked to wake.
  int Wakes() const { return functions.front()->calls; }
  bool KeptAlive() const { return functions.front()->referenced; }

  std::vector<std::unique_ptr<napi_threadsafe_function__>> functions;
  std::vector<std::pair<napi_cleanup_hook, void*>> hooks;
};

#endif

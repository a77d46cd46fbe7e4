{
  "variables": {
    "owin_sources": [
      "native/addon.cc",
      "native/bridge.cc",
      "native/clr_host.cc",
      "native/environment.cc",
      "native/inbox.cc",
      "native/hostfxr_locator.cc",
      "native/outbox.cc"
    ],
    "owin_defines": [
      "NAPI_VERSION=8",
      "NODE_ADDON_API_CPP_EXCEPTIONS_ALL"
    ]
  }
}

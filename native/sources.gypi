{
  "variables": {
    "owin_sources": [
      "native/addon.cc",
      "native/bridge.cc",
      "native/child_signals_posix.cc",
      "native/child_signals_win.cc",
      "native/clr_host.cc",
      "native/clr_start.cc",
      "native/environment.cc",
      "native/hostfxr_library.cc",
      "native/hostfxr_locator.cc",
      "native/hosting_status.cc",
      "native/icu.cc",
      "native/inbox.cc",
      "native/library_architecture.cc",
      "native/outbox.cc",
      "native/platform.cc",
      "native/platform_posix.cc",
      "native/platform_win.cc",
      "native/reply.cc",
      "native/semantic_version.cc",
      "native/signal_guard_posix.cc",
      "native/signal_guard_win.cc"
    ],
    "owin_defines": [
      "NAPI_VERSION=8",
      "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
      "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      "NETHOST_USE_AS_STATIC"
    ]
  }
}

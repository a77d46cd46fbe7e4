// What JavaScript calls; src/hosting/bridge.ts is its only importer and checks
// the types, so arguments are unpacked here without further questions.
#include <napi.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "child_signals.h"
#include "clr_host.h"
#include "environment.h"
#include "managed_table.h"
#include "native_table.h"
#include "outbox.h"
#include "signal_guard.h"

namespace owin {

namespace {

Environment* Self(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Environment>();
}

// Environments outlive their napi_env and are used again.
void KeepEnvironment(Napi::Env, Environment*) {}

// open(onWake: () => void): void
void Open(const Napi::CallbackInfo& info) {
  Environment* self = Environment::Open(info.Env(), info[0]);
  if (self == nullptr) {
    Napi::Error::New(info.Env(), "no environment could be opened")
        .ThrowAsJavaScriptException();
    return;
  }
  info.Env().SetInstanceData<Environment, KeepEnvironment>(self);
  // A process that exits waits for its workers to end, so this one waits here.
  info.Env().AddCleanupHook([] { ClrHost::Get().AwaitStart(); });
}

// Node still enters a worker's JavaScript for what sockets bring when it has
// been terminated, maybe in the middle of a frame.
bool IsTerminated(const Napi::CallbackInfo& info) {
  bool same;
  return napi_strict_equals(info.Env(), info[0], info[0], &same) != napi_ok;
}

// Appends the memory of the buffers. False: the environment was terminated.
bool ReadBuffers(const Napi::Value& from, std::vector<OwinBuffer>* buffers) {
  auto array = from.As<Napi::Array>();
  buffers->reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value value = array.Get(i);
    if (value.IsEmpty()) return false;
    auto each = value.As<Napi::Uint8Array>();
    buffers->push_back({each.Data(), static_cast<int64_t>(each.ByteLength())});
  }
  return true;
}

// submit(frames: Uint8Array, length: number, buffers?: Uint8Array[]): void
void Submit(const Napi::CallbackInfo& info) {
  if (IsTerminated(info)) return;
  auto frames = info[0].As<Napi::Uint8Array>();
  size_t length = info[1].As<Napi::Number>().Uint32Value();
  std::vector<OwinBuffer> buffers;
  if (info.Length() > 2 && !ReadBuffers(info[2], &buffers)) return;
  Outbox::Get().Submit(Self(info)->id(), frames.Data(), length, buffers);
}

// take(target: Uint8Array): number
// Copies the oldest block of frames into `target`. Returns the block's length:
// 0 when there is none (the next frame wakes), more than the target's when that
// is too small (nothing is taken).
Napi::Value Take(const Napi::CallbackInfo& info) {
  Inbox& inbox = Self(info)->inbox();
  auto target = info[0].As<Napi::Uint8Array>();
  Inbox::Block block;
  size_t length = inbox.Take(target.ByteLength(), &block);
  if (block.length != 0) {
    std::memcpy(target.Data(), block.bytes.get(), block.length);
    inbox.Recycle(std::move(block));
  }
  return Napi::Number::New(info.Env(), static_cast<double>(length));
}

// ask(frame: Uint8Array, number: number, milliseconds: number):
//     Uint8Array | undefined
// Submits the frame and waits for the reply of that number. Undefined: it has
// not come in time.
Napi::Value Ask(const Napi::CallbackInfo& info) {
  Environment* self = Self(info);
  auto frame = info[0].As<Napi::Uint8Array>();
  self->reply().Expect(info[1].As<Napi::Number>().Int32Value());
  Outbox::Get().Submit(self->id(), frame.Data(), frame.ByteLength(), {});
  std::vector<uint8_t> reply;
  std::chrono::milliseconds time(info[2].As<Napi::Number>().Uint32Value());
  if (!self->reply().Wait(time, &reply)) return info.Env().Undefined();
  auto bytes = Napi::Uint8Array::New(info.Env(), reply.size());
  std::memcpy(bytes.Data(), reply.data(), reply.size());
  return bytes;
}

// invoke(function: number, target: number, argumentCount: number,
//        memory: Uint8Array, argumentsLength: number,
//        buffers?: Uint8Array[]): number
// Calls a function of .NET's on this thread. Its result is in `memory` then:
// returns its length, or minus that and 1 for an error. A length of more than
// the memory's: see takeResult.
Napi::Value Invoke(const Napi::CallbackInfo& info) {
  if (IsTerminated(info)) return info.Env().Undefined();
  auto memory = info[3].As<Napi::Uint8Array>();
  std::vector<OwinBuffer> buffers;
  if (info.Length() > 5 && !ReadBuffers(info[5], &buffers))
    return info.Env().Undefined();
  OwinCall call = {};
  call.environment = Self(info)->id();
  call.memory = memory.Data();
  call.memory_length = static_cast<int32_t>(memory.ByteLength());
  call.function = info[0].As<Napi::Number>().Int32Value();
  call.target = info[1].As<Napi::Number>().Int32Value();
  call.argument_count = info[2].As<Napi::Number>().Int32Value();
  call.arguments_length = info[4].As<Napi::Number>().Int32Value();
  call.buffers = buffers.data();
  call.buffers_count = static_cast<int32_t>(buffers.size());
  int32_t status = ManagedTable()->invoke(&call);
  double length = call.result_length;
  return Napi::Number::New(info.Env(),
                           status == OWIN_OK ? length : -1 - length);
}

// takeResult(target: Uint8Array): void
void TakeResult(const Napi::CallbackInfo& info) {
  auto target = info[0].As<Napi::Uint8Array>();
  ManagedTable()->take_result(target.Data(),
                              static_cast<int32_t>(target.ByteLength()));
}

// copyFrom(address: number, target: Uint8Array): void
// Copies memory that .NET keeps in place until it is told that it was taken.
void CopyFrom(const Napi::CallbackInfo& info) {
  auto address =
      static_cast<uintptr_t>(info[0].As<Napi::Number>().Int64Value());
  auto target = info[1].As<Napi::Uint8Array>();
  // The address is .NET's, and came as a number.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  const void* source = reinterpret_cast<const void*>(address);
  std::memcpy(target.Data(), source, target.ByteLength());
}

void Ref(const Napi::CallbackInfo& info) { Self(info)->Ref(info.Env()); }

void Unref(const Napi::CallbackInfo& info) { Self(info)->Unref(info.Env()); }

// start(options: { dotnetRoot: string, bridgeDirectory: string,
//                  properties: [string, string][] }):
//     { attempt: number, holds: boolean }
// The outcome is there when `onWake` has been called: see startResult. Not
// `holds`: another start came before, and it has other options.
Napi::Value Start(const Napi::CallbackInfo& info) {
  auto options = info[0].As<Napi::Object>();
  ClrStartOptions start;
  start.dotnet_root = options.Get("dotnetRoot").As<Napi::String>();
  start.bridge_directory = options.Get("bridgeDirectory").As<Napi::String>();
  auto properties = options.Get("properties").As<Napi::Array>();
  for (uint32_t i = 0; i < properties.Length(); i++) {
    auto pair = properties.Get(i).As<Napi::Array>();
    start.properties.emplace_back(pair.Get(0u).As<Napi::String>(),
                                  pair.Get(1u).As<Napi::String>());
  }
  OwinEnvironmentId id = Self(info)->id();
  ClrHost::Attempt attempt = ClrHost::Get().Start(
      start, NativeTable(), [id] { Environment::Wake(id); });
  auto joined = Napi::Object::New(info.Env());
  joined.Set("attempt", static_cast<double>(attempt.number));
  joined.Set("holds", attempt.holds);
  return joined;
}

// awaitStart(): void
// To be called when the process exits: hooks of the main environment are not.
void AwaitStart(const Napi::CallbackInfo&) { ClrHost::Get().AwaitStart(); }

// keepChildSignals(): boolean
Napi::Value KeepSignalsOfChildren(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), KeepChildSignals());
}

// restoreListeners(listened: number[]): void
void RestoreSignals(const Napi::CallbackInfo& info) {
  auto array = info[0].As<Napi::Array>();
  std::vector<int> listened;
  for (uint32_t i = 0; i < array.Length(); i++)
    listened.push_back(array.Get(i).As<Napi::Number>());
  RestoreListeners(listened);
}

// startResult(attempt?: number): StartResult | undefined
Napi::Value StartResult(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const ClrStartResult* result =
      info.Length() == 0
          ? ClrHost::Get().Result()
          : ClrHost::Get().Result(info[0].As<Napi::Number>().Uint32Value());
  if (result == nullptr) return env.Undefined();
  auto object = Napi::Object::New(env);
  object.Set("ok", result->ok);
  object.Set("errorCode", result->error_code);
  object.Set("errorDetail", result->error_detail);
  object.Set("version", result->version);
  object.Set("path", result->path);
  object.Set("hostfxr", result->hostfxr);
  object.Set("reason", result->reason);
  object.Set("owner", result->owner);
  object.Set("bridge", result->bridge);
  auto frameworks = Napi::Object::New(env);
  for (const auto& [name, version] : result->frameworks)
    frameworks.Set(name, version);
  object.Set("frameworks", frameworks);
  auto probed = Napi::Array::New(env);
  for (const ProbedPlace& place : result->probed) {
    auto each = Napi::Object::New(env);
    each.Set("source", place.source);
    each.Set("path", place.path);
    each.Set("outcome", place.outcome);
    probed.Set(probed.Length(), each);
  }
  object.Set("probed", probed);
  return object;
}

}  // namespace

Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  PinImage();
  exports.Set("open", Napi::Function::New<Open>(env));
  exports.Set("submit", Napi::Function::New<Submit>(env));
  exports.Set("take", Napi::Function::New<Take>(env));
  exports.Set("ask", Napi::Function::New<Ask>(env));
  exports.Set("invoke", Napi::Function::New<Invoke>(env));
  exports.Set("takeResult", Napi::Function::New<TakeResult>(env));
  exports.Set("copyFrom", Napi::Function::New<CopyFrom>(env));
  exports.Set("ref", Napi::Function::New<Ref>(env));
  exports.Set("unref", Napi::Function::New<Unref>(env));
  exports.Set("start", Napi::Function::New<Start>(env));
  exports.Set("awaitStart", Napi::Function::New<AwaitStart>(env));
  exports.Set("keepChildSignals",
              Napi::Function::New<KeepSignalsOfChildren>(env));
  exports.Set("restoreListeners", Napi::Function::New<RestoreSignals>(env));
  exports.Set("startResult", Napi::Function::New<StartResult>(env));
  return exports;
}

}  // namespace owin

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return owin::InitAddon(env, exports);
}

NODE_API_MODULE(owin, Init)

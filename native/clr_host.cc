#include "clr_host.h"

#include <chrono>
#include <utility>

#include "errors.generated.h"
#include "platform.h"

namespace owin {

namespace {

// musl gives a thread 128 KB, and the CLR itself reserves 1.5 MB of the stack
// of the thread that starts it.
constexpr size_t kStackBytes = 4u << 20;

constexpr auto kLongestWait = std::chrono::seconds(5);

}  // namespace

ClrHost& ClrHost::Get() {
  static auto* const host = new ClrHost();
  return *host;
}

ClrHost::Attempt ClrHost::Start(const ClrStartOptions& options,
                                const OwinNative* native,
                                std::function<void()> done) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (IsSettled(options)) {
    Attempt last = {results_.size() - 1,
                    !result_.load()->ok || options == options_};
    lock.unlock();
    done();
    return last;
  }
  waiting_.push_back(std::move(done));
  Attempt attempt = {results_.size(), true};
  if (state_ == State::kStarting) {
    attempt.holds = options == options_;
    return attempt;
  }
  state_ = State::kStarting;
  options_ = options;
  result_ = nullptr;
  lock.unlock();
  if (!StartThread(kStackBytes, [this, native] { Run(native); })) Run(nullptr);
  return attempt;
}

bool ClrHost::IsSettled(const ClrStartOptions& options) const {
  if (state_ != State::kDone) return false;
  const ClrStartResult* result = result_;
  return result->ok || result->clr_created || options == options_;
}

// Without `native` the start has failed for want of a thread.
void ClrHost::Run(const OwinNative* native) {
  ClrStartResult result;
  if (native != nullptr) {
    result = StartClr(options_, native);
  } else {
    result.error_code = ERR_OWIN_RUNTIME_START;
    result.error_detail = "The system refused another thread.";
  }
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    state_ = State::kDone;
    result_ = &results_.emplace_back(std::move(result));
    waiting.swap(waiting_);
  }
  settled_.notify_all();
  for (const auto& done : waiting) done();
}

const ClrStartResult* ClrHost::Result() { return result_; }

const ClrStartResult* ClrHost::Result(size_t attempt) {
  std::lock_guard<std::mutex> lock(mutex_);
  return attempt < results_.size() ? &results_[attempt] : nullptr;
}

void ClrHost::AwaitStart() {
  std::unique_lock<std::mutex> lock(mutex_);
  settled_.wait_for(lock, kLongestWait,
                    [this] { return state_ != State::kStarting; });
}

void PinImage() { PinImageOf(reinterpret_cast<const void*>(&PinImage)); }

}  // namespace owin

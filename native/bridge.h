/* The C ABI between the addon and dotnet/Owin.Host/Bridge.cs.
 *
 * Rules:
 *  1. Each struct begins with its own size; a field is only ever appended.
 *  2. Every function returns a status (0 is success) or a count; nothing throws
 *     across, in either direction.
 *  3. Any function of OwinNative may be called from any CLR thread at any time,
 *     also after its environment has closed: it then returns OWIN_CLOSED.
 *  4. Node's thread calls no function of .NET but those of OwinManaged, for
 *     calls that JavaScript wants on its own thread: they wait out collections.
 *     The runtime's own start thread calls `initialize` once.
 *  5. Locks taken in here are held for a memory copy at most, never across a
 *     call into .NET or JavaScript. P/Invokes of these functions are ordinary
 *     ones: with the GC transition suppressed, a collection would wait for them.
 */
#ifndef OWIN_BRIDGE_H_
#define OWIN_BRIDGE_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define OWIN_CALL __stdcall
#else
#define OWIN_CALL
#endif

/* Names one use of a JavaScript environment (the main thread, a worker). */
typedef uint64_t OwinEnvironmentId;

enum { OWIN_OK = 0, OWIN_CLOSED = 1, OWIN_FAILED = 2, OWIN_IN_USE = 3 };

/* A buffer of JavaScript's that frames of a batch refer to, in order. It is
 * read only through OwinNative::copy, which knows whether it still lives. */
typedef struct OwinBuffer {
  const uint8_t* data;
  int64_t length;
} OwinBuffer;

/* Frames that one environment submitted together. `closed` is set once, in the
 * environment's last batch, which has no frames. */
typedef struct OwinBatch {
  OwinEnvironmentId environment;
  const uint8_t* frames;
  const OwinBuffer* buffers;
  int32_t frames_length;
  int32_t buffers_count;
  int32_t closed;
} OwinBatch;

/* A call of a function of .NET's on the calling thread, an environment's. */
typedef struct OwinCall {
  OwinEnvironmentId environment;
  uint8_t* memory; /* the arguments, overwritten by the result */
  const OwinBuffer* buffers;
  int32_t memory_length;
  int32_t arguments_length;
  int32_t buffers_count;
  int32_t function;
  int32_t target;
  int32_t argument_count;
  int32_t result_length; /* more than `memory_length`: see `take_result` */
} OwinCall;

/* What the addon calls in .NET. */
typedef struct OwinManaged {
  uint32_t size;

  /* Runs a function. OWIN_FAILED: it threw, the result is its error. */
  int32_t(OWIN_CALL* invoke)(OwinCall* call);

  /* Copies the result of this thread's last call, which was too long for its
   * memory, and forgets it. */
  int32_t(OWIN_CALL* take_result)(uint8_t* target, int32_t length);
} OwinManaged;

/* What .NET calls in the addon. */
typedef struct OwinNative {
  uint32_t size;

  /* Waits for the next batch. It stays valid until the next call. One thread
   * only, the pump. */
  int32_t(OWIN_CALL* wait)(OwinBatch* batch);

  /* Appends one frame, `head` followed by `payload` and padding, to the
   * environment's inbox. Both are copied. */
  int32_t(OWIN_CALL* post)(OwinEnvironmentId environment, const uint8_t* head,
                           int32_t head_length, const uint8_t* payload,
                           int32_t payload_length);

  /* The same without waking Node's thread: for what may wait until it looks
   * again by itself, or until `wake`. */
  int32_t(OWIN_CALL* post_later)(OwinEnvironmentId environment,
                                 const uint8_t* head, int32_t head_length,
                                 const uint8_t* payload,
                                 int32_t payload_length);

  /* Wakes Node's thread if frames wait that nobody has woken it for. */
  int32_t(OWIN_CALL* wake)(OwinEnvironmentId environment);

  /* Copies `length` bytes out of a buffer of JavaScript's. */
  int32_t(OWIN_CALL* copy)(OwinEnvironmentId environment, const uint8_t* source,
                           uint8_t* destination, int32_t length);

  /* The environment that hears of what belongs to no request: the oldest one
   * still open, the main thread's where it has loaded the addon. 0: none. */
  OwinEnvironmentId(OWIN_CALL* primary)(void);

  /* Gives Node's thread the reply it waits for. OWIN_CLOSED: it does not wait
   * for that number any more. The bytes are copied. */
  int32_t(OWIN_CALL* reply)(OwinEnvironmentId environment, int32_t number,
                            const uint8_t* bytes, int32_t length);

  /* Says what the addon may call, before JavaScript makes the first such call.
   * It is copied; further times do nothing. */
  int32_t(OWIN_CALL* serve)(const OwinManaged* managed);

  /* Lowers the calling thread's priority in the operating system, for good.
   * OWIN_FAILED: that cannot be done here. */
  int32_t(OWIN_CALL* lower_priority)(void);

  /* Loads a library for ever, so that it uses its own functions and those of
   * what it needs before others of the same name that Node exports. UTF-8.
   * OWIN_FAILED: there is none, or that cannot be done here. */
  int32_t(OWIN_CALL* load_apart)(const char* path);
} OwinNative;

/* The entry point `Owin.Host.Bridge.Initialize`. .NET copies `native`, starts
 * its pump and returns a status: OWIN_IN_USE when another copy of the addon has
 * called it before, in this process. */
typedef int32_t(OWIN_CALL* OwinInitialize)(const OwinNative* native);

#ifdef __cplusplus
}
#endif

#endif

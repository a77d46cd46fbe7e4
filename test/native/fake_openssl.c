/* A library that calls a function of its own, which the process has as well. */
#define EXPORT __attribute__((visibility("default")))

EXPORT int OwinWhoseFunction(void);
EXPORT int OwinCallFunction(void);

int OwinWhoseFunction(void) { return 2; }
int OwinCallFunction(void) { return OwinWhoseFunction(); }

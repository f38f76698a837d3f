/* Stands for the NVIDIA driver's management library: one GPU, or the error that STUB_INIT names. */
#include <stdlib.h>
#include <string.h>

typedef struct { unsigned version; unsigned long long total, reserved, free, used; } Memory;

static int put(char *out, unsigned length, const char *text) {
    strncpy(out, text, length);
    return 0;
}

int nvmlInit_v2(void) { return getenv("STUB_INIT") ? atoi(getenv("STUB_INIT")) : 0; }
int nvmlShutdown(void) { return 0; }
int nvmlSystemGetDriverVersion(char *out, unsigned length) { return put(out, length, "550.144.03"); }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 12040; return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 1; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = 0; return index == 0 ? 0 : 6; }
int nvmlDeviceGetName(void *device, char *out, unsigned length) { return put(out, length, "NVIDIA A100-SXM4-80GB"); }
int nvmlDeviceGetUUID(void *device, char *out, unsigned length) { return put(out, length, "GPU-b5169cef-2205-c30e"); }
int nvmlDeviceGetCudaComputeCapability(void *device, int *major, int *minor) { *major = 8; *minor = 0; return 0; }
int nvmlDeviceGetMemoryInfo_v2(void *device, Memory *memory) { memory->total = 85899345920ULL; return 0; }

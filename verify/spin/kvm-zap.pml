/*
 * A guest reads and then writes the page, KVM writes it through a pfn cache, a second process takes one frame. Not a shipped
 * scenario: kvm-zap.json.
 */

#define VCPUS 1
#define ACCESSES 2
#define CACHE_WRITES 1
#define ALLOCATIONS 1
#define FREE_FRAMES 2
#define USES { KERNELS, KERNELS, KERNELS, KERNELS, KERNELS, PAGE, FREE, FREE }
#define REFERENCES { 1, 1, 1, 1, 1, 1, 0, 0 }
#define FREE_LIST { 7, 6, 0, 0, 0, 0, 0, 0 }

#include "kvm.pml"

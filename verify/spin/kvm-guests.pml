/*
 * Two guest CPUs read and write the page in turn, 24 accesses each, KVM writes it once through a pfn cache, a second process takes
 * one frame. The twin of bench/kvm-guests.json.
 */

#define VCPUS 2
#define ACCESSES 24
#define CACHE_WRITES 1
#define ALLOCATIONS 1
#define FREE_FRAMES 3
#define USES { KERNELS, KERNELS, KERNELS, KERNELS, KERNELS, PAGE, FREE, FREE, FREE }
#define REFERENCES { 1, 1, 1, 1, 1, 1, 0, 0, 0 }
#define FREE_LIST { 8, 7, 6, 0, 0, 0, 0, 0, 0 }

#include "kvm.pml"

/* The smallest job there is: _exit(0), without a libc. What is left is what starting a process costs. */
	.globl _start
_start:
#if defined __x86_64__
	mov $60, %eax
	xor %edi, %edi
	syscall
#elif defined __aarch64__
	mov x8, #93
	mov x0, #0
	svc #0
#else
#error "tiny.S: _exit(0) for this processor is missing"
#endif
	.section .note.GNU-stack, "", %progbits

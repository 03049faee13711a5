// What the processor can do. Asked when it is called, not when the program starts: the compiler's
// own way asks about everything before main(), which costs a small copy a tenth of a millisecond
// where such questions are answered by a hypervisor.
//
// Threading: any thread.
#pragma once

namespace robosync::base {

// Whether there are instructions for AES in Galois/counter mode. Without them it is several times
// slower than ChaCha20, and not constant in time. True where nothing is known of the processor.
[[nodiscard]] bool processor_has_aes();

}  // namespace robosync::base

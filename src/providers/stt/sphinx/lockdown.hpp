/// What the child gives up before it hears anything: priority, memory beyond a limit, the network.
#pragma once

namespace hs::providers::sphinx {

/// Best effort on kernels that lack a feature; the recogniser parses no foreign format, only PCM.
void restrict_self();

} // namespace hs::providers::sphinx

"""How BMMS is started, routed, packaged and operated."""

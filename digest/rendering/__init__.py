"""How a mail looks: from an edition or a notice to finished bytes, with no input or output."""
